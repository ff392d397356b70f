//! Boosted trees as they are asked: all rows of one item go down them together.
//!
//! Most of what a tree asks of an item is the same for each of its buckets ahead, so that its rows
//! seldom part. A set of rows, a bit for each, goes down a tree at once and is split where its rows
//! differ; which rows lie below each value that a tree asks for is worked out once for all trees.

/// Rows that go down together: one for each bit.
const ROWS: usize = u64::BITS as usize;

/// Stands for the number of a cut in a leaf.
const LEAF: u32 = u32::MAX;

/// What models that learn across items read of one item: features that are the same in all of its
/// rows, then those of each row.
#[derive(Debug, Clone, Copy)]
pub struct ItemRows<'a> {
    /// The first features of every row.
    pub shared: &'a [f64],
    /// The others, row by row.
    pub own: &'a [f64],
    /// How many the others are.
    pub width: usize,
}

/// A decision or a leaf as a tree has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Decision {
    /// Rows whose feature is below a value go to one node of the tree, all others to another.
    Split { feature: usize, value: f64, left: usize, right: usize },
    /// What a leaf adds.
    Leaf(f64),
}

/// Trees laid out to be walked, each node followed by the one to its left.
#[derive(Debug, Clone, Default)]
pub struct TreeWalk {
    /// What every row starts from.
    base: f64,
    /// The values at which each feature is split, ascending, one feature after another.
    cuts: Vec<f64>,
    /// Where the cuts of each feature begin; one longer than the number of features.
    starts: Vec<usize>,
    nodes: Vec<Node>,
    /// What the leaves add.
    values: Vec<f64>,
    /// Where each tree begins.
    roots: Vec<u32>,
}

/// A node: rows below its cut go to the next one.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// Number of the cut; `LEAF` in a leaf.
    cut: u32,
    /// Where the other rows go; of a leaf, the number of its value.
    other: u32,
}

/// Buffers of a walk.
#[derive(Debug, Clone, Default)]
pub struct WalkBuffers {
    /// For each cut, the rows that lie below it.
    below: Vec<u64>,
    /// Nodes that some rows have yet to go down from.
    waiting: Vec<(u32, u64)>,
}

impl TreeWalk {
    /// Lays out trees, each a list of its nodes from the root on, in which children come after
    /// their parents; `None` if they do not.
    pub(super) fn new(base: f64, trees: &[Vec<Decision>]) -> Option<Self> {
        let mut by_feature: Vec<Vec<f64>> = Vec::new();
        for node in trees.iter().flatten() {
            if let Decision::Split { feature, value, .. } = *node {
                by_feature.resize(by_feature.len().max(feature + 1), Vec::new());
                by_feature[feature].push(value);
            }
        }

        let mut out = Self { base, starts: vec![0], ..Self::default() };
        for mut cuts in by_feature {
            cuts.sort_by(f64::total_cmp);
            cuts.dedup();
            out.cuts.extend(cuts);
            out.starts.push(out.cuts.len());
        }
        for tree in trees {
            out.roots.push(u32::try_from(out.nodes.len()).ok()?);
            out.add(tree)?;
        }
        Some(out)
    }

    /// Adds the nodes of a tree: each before those to its left, and these before the others.
    fn add(&mut self, tree: &[Decision]) -> Option<()> {
        // Each with the node that its place is yet to be told to.
        let mut waiting = vec![(0, None)];
        while let Some((number, parent)) = waiting.pop() {
            let at = self.nodes.len();
            if let Some(parent) = parent {
                let parent: &mut Node = self.nodes.get_mut::<usize>(parent)?;
                parent.other = u32::try_from(at).ok()?;
            }
            match *tree.get(number)? {
                Decision::Leaf(value) => {
                    let other = u32::try_from(self.values.len()).ok()?;
                    self.nodes.push(Node { cut: LEAF, other });
                    self.values.push(value);
                }
                Decision::Split { feature, value, left, right } => {
                    if left <= number || right <= number {
                        return None;
                    }
                    self.nodes.push(Node { cut: self.number_of(feature, value)?, other: 0 });
                    waiting.push((right, Some(at)));
                    waiting.push((left, None));
                }
            }
        }
        Some(())
    }

    /// The number of a cut.
    fn number_of(&self, feature: usize, value: f64) -> Option<u32> {
        let (start, end) = (*self.starts.get(feature)?, *self.starts.get(feature + 1)?);
        let at = self.cuts[start..end].iter().position(|cut| *cut == value)?;
        u32::try_from(start + at).ok()
    }

    /// Predicts `out.len()` rows, as multiples of the item's scale.
    pub fn predict(&self, rows: &ItemRows<'_>, buffers: &mut WalkBuffers, out: &mut [f64]) {
        out.fill(self.base);
        let together = rows.own.chunks(ROWS * rows.width.max(1));
        for (own, out) in together.zip(out.chunks_mut(ROWS)) {
            self.find_below(&ItemRows { own, ..*rows }, &mut buffers.below);
            self.walk(buffers, out);
        }
    }

    /// Finds the rows below each cut.
    fn find_below(&self, rows: &ItemRows<'_>, below: &mut Vec<u64>) {
        below.clear();
        below.resize(self.cuts.len(), 0);
        for (feature, span) in self.starts.windows(2).enumerate() {
            let (cuts, below) = (&self.cuts[span[0]..span[1]], &mut below[span[0]..span[1]]);
            // A row is below all cuts from the first one that it is below of.
            let first = |x: f64| cuts.partition_point(|cut| !is_below(x, *cut));
            if let Some(x) = rows.shared.get(feature) {
                below[first(*x)..].fill(u64::MAX);
                continue;
            }
            let column = feature - rows.shared.len();
            if cuts.is_empty() || column >= rows.width {
                continue;
            }

            let (mut last, mut from) = (f64::NAN, cuts.len());
            for (row, x) in rows.own.iter().skip(column).step_by(rows.width).enumerate() {
                if *x != last {
                    (last, from) = (*x, first(*x));
                }
                if let Some(first) = below.get_mut(from) {
                    *first |= 1 << row;
                }
            }
            let mut all = 0;
            for rows in below {
                all |= *rows;
                *rows = all;
            }
        }
    }

    /// Adds to each row what the leaves say that it comes to, one tree after another.
    fn walk(&self, buffers: &mut WalkBuffers, out: &mut [f64]) {
        let WalkBuffers { below, waiting } = buffers;
        let all = u64::MAX >> (ROWS - out.len().clamp(1, ROWS));
        for root in &self.roots {
            waiting.push((*root, all));
            while let Some((node, mut rows)) = waiting.pop() {
                let mut at = node as usize;
                let mut node = self.nodes[at];
                while node.cut != LEAF {
                    let left = rows & below[node.cut as usize];
                    if left == 0 {
                        at = node.other as usize;
                    } else {
                        if left != rows {
                            waiting.push((node.other, rows ^ left));
                        }
                        rows = left;
                        at += 1;
                    }
                    node = self.nodes[at];
                }
                add(self.values[node.other as usize], rows, all, out);
            }
        }
    }
}

/// Whether a row goes to the left; a feature that is no number does not.
fn is_below(x: f64, cut: f64) -> bool {
    x < cut
}

/// Adds a value to these rows of `all`.
fn add(value: f64, mut rows: u64, all: u64, out: &mut [f64]) {
    if rows == all {
        out.iter_mut().for_each(|sum| *sum += value);
        return;
    }
    while rows != 0 {
        if let Some(sum) = out.get_mut(rows.trailing_zeros() as usize) {
            *sum += value;
        }
        rows &= rows - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::random::unit;

    const SHARED: usize = 3;
    const OWN: usize = 2;

    /// A tree of random splits on six features, the last of which no row has.
    fn tree(seed: u64) -> Vec<Decision> {
        let value = |node: usize| (8.0 * unit(seed, node as u64)).floor() / 8.0;
        let node = |at: usize| match at {
            0..15 => Decision::Split {
                feature: (6.0 * unit(seed ^ 1, at as u64)) as usize,
                value: value(at),
                left: 2 * at + 1,
                right: 2 * at + 2,
            },
            _ => Decision::Leaf(unit(seed ^ 2, at as u64) - 0.5),
        };
        (0..31).map(node).collect()
    }

    /// One row down one tree after another.
    fn plain(base: f64, trees: &[Vec<Decision>], row: &[f64]) -> f64 {
        trees.iter().fold(base, |sum, tree| {
            let mut node = tree[0];
            loop {
                match node {
                    Decision::Leaf(value) => return sum + value,
                    Decision::Split { feature, value, left, right } => {
                        let goes_left = row.get(feature).is_some_and(|x| *x < value);
                        node = tree[if goes_left { left } else { right }];
                    }
                }
            }
        })
    }

    #[test]
    fn rows_come_to_the_same_bits_together_as_one_by_one() {
        let trees: Vec<Vec<Decision>> = (0..40).map(tree).collect();
        let walk = TreeWalk::new(0.3, &trees).unwrap();
        let mut buffers = WalkBuffers::default();
        for count in [1, 5, 64, 65, 150] {
            let number = |at: u64| match at % 17 {
                0 => f64::NAN,
                1 => -0.0,
                _ => (12.0 * unit(count, at)).floor() / 10.0 - 0.1,
            };
            let shared: Vec<f64> = (0..SHARED as u64).map(|at| number(at + 2)).collect();
            let own: Vec<f64> = (0..count * OWN as u64).map(number).collect();
            let rows = ItemRows { shared: &shared, own: &own, width: OWN };
            let mut out = vec![0.0; count as usize];
            walk.predict(&rows, &mut buffers, &mut out);

            for (own, got) in own.chunks(OWN).zip(&out) {
                let expected = plain(0.3, &trees, &[&shared[..], own].concat());
                assert_eq!(got.to_bits(), expected.to_bits());
            }
        }
    }

    #[test]
    fn trees_whose_nodes_do_not_follow_each_other_are_none() {
        let back = Decision::Split { feature: 0, value: 1.0, left: 0, right: 1 };
        assert!(TreeWalk::new(0.0, &[vec![back, Decision::Leaf(1.0)]]).is_none());
        let beyond = Decision::Split { feature: 0, value: 1.0, left: 1, right: 2 };
        assert!(TreeWalk::new(0.0, &[vec![beyond, Decision::Leaf(1.0)]]).is_none());
        assert!(TreeWalk::new(0.0, &[vec![]]).is_none());
    }
}
