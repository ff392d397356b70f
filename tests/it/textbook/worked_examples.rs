//! Single figures of the books, as the test suite of stockpyl states them and re-derived
//! independently.

use restock::inventory::protection::DemandTotals;
use restock::stats::loss::{normal_loss, standard_normal_loss};

use super::assert_close;
use super::daily::Daily;

#[test]
fn losses_are_those_of_the_book() {
    for (k, loss) in
        [(-1.4, 1.4366681427084653), (0.3, 0.26676124211720986), (3.1, 0.00026724909522301415)]
    {
        assert_close(standard_normal_loss(k), loss);
    }
    assert_close(normal_loss(8.0, 3.0, 11.0), 0.24994641176305887);
}

#[test]
fn the_mixture_over_lead_times_has_the_moments_of_hadley_and_whitin() {
    // Poisson 10 a day, 5 days or 25 with probability 0.2: mean 90, variance 6,490.
    let demand = Daily::poisson(10.0, 30);
    let (mut mean, mut square) = (0.0, 0.0);
    for (days, weight) in [(5, 0.8), (25, 0.2)] {
        let (of_days, variance) = demand.moments(0, days);
        mean += weight * of_days;
        square += weight * (variance + of_days * of_days);
    }

    assert!((mean - 90.0).abs() < 1e-5, "{mean}");
    assert!((square - mean * mean - 6490.0).abs() < 1e-2, "{square}");
}
