'use strict';
// Shows the items of the page's data, draws each, and collects decisions. Texts of the data reach
// the document as text alone: through textContent, and attributes that hold no code.
(async () => {
  const PAGE_ROWS = 60;
  const byId = (id) => document.getElementById(id);
  const SVG = document.querySelector('#shapes').namespaceURI;

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function shape(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // Characters that would turn or hide what stands beside them are shown as their code.
  const unseen =
    /[\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
  const readable = (text) =>
    text.replace(unseen, (c) => '\\u{' + c.charCodeAt(0).toString(16) + '}');
  const named = (text) => (text.length > 80 ? readable(text.slice(0, 79)) + '…' : readable(text));
  const plain = (word) => word.replaceAll('_', ' ');

  async function unpacked(text) {
    const packed = atob(text);
    const bytes = new Uint8Array(packed.length);
    for (let at = 0; at < packed.length; at += 1) bytes[at] = packed.charCodeAt(at);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return JSON.parse(await new Response(stream).text());
  }

  const data = await unpacked(byId('island').textContent);
  const count = data.sku.length;
  const word = ([words, rows], at) => words[rows[at]];
  const of = (column, at) => word(data.words[column], at);
  // Numbers stand from the item of the highest demand to that of the lowest.
  const falling = (() => {
    const demand = data.demand.map((value) => value ?? -1);
    const order = data.sku.map((_, at) => at).sort((a, b) => demand[b] - demand[a] || a - b);
    const places = new Uint32Array(count);
    order.forEach((at, place) => (places[at] = place));
    return places;
  })();
  const number = (column, at) => data.numbers[column][falling[at]];
  const key = (at) => data.sku[at] + '\n' + of('location', at);

  const grouped = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
  const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
  const units = (value) =>
    value === null ? '–' : Math.abs(value) >= 100 ? whole.format(value) : grouped.format(value);
  const percent = (share) => {
    if (share === null) return '–';
    const of100 = 100 * share;
    if (of100 > 0 && of100 < 1) return '<1 %';
    return of100 > 99 && of100 < 100 ? '>99 %' : whole.format(of100) + ' %';
  };

  // The columns of the table: title, whether it is a number, what it sorts by and what it shows.
  const cause = (at) => plain(word(data.cause, at));
  const lines = {};
  {
    let at = 0;
    const last = {};
    data.lines.at.forEach((step, row) => {
      at += step;
      const [order, quantity, ...rest] = data.lines.columns.map((column) => word(column, row));
      last[order] = (last[order] || 0) + data.lines.numbers[row];
      lines[at] = [
        order,
        String(last[order]),
        quantity || String(number('order_quantity', at)),
        ...rest,
      ];
    });
  }
  const line = (at) => lines[at];
  const COLUMNS = [
    ['Item', false, (at) => data.sku[at]],
    ['Location', false, (at) => of('location', at)],
    ['Supplier', false, (at) => of('supplier', at)],
    ['Class', false, (at) => of('abc', at) + of('xyz', at)],
    ['Decision', false, (at) => plain(of('decision', at))],
    ['Order', true, (at) => number('order_quantity', at), units],
    ['Position', true, (at) => number('inventory_position', at), units],
    ['Reorder point', true, (at) => number('reorder_point', at), units],
    ['P(short)', true, (at) => number('stockout_probability', at), percent],
    ['Days of supply', true, (at) => number('days_of_supply', at), units],
    ['Cause', false, cause],
  ];
  const FILTERS = {
    supplier: (at) => of('supplier', at),
    location: (at) => of('location', at),
    abc: (at) => of('abc', at),
    decision: (at) => of('decision', at),
    cause: (at) => word(data.cause, at),
  };

  // ---- Search, filters, sorting and pages; the state is the address's hash.
  const state = {
    q: '',
    sort: '',
    page: 0,
    supplier: '',
    location: '',
    abc: '',
    decision: '',
    cause: '',
  };
  const searched = data.sku.map((sku, at) => {
    const ordered = line(at);
    return [sku, data.text[at], data.theirs[at], ordered ? ordered[0] : '']
      .join('\n')
      .toLowerCase();
  });
  let hits = [];

  function find() {
    const wanted = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const tests = Object.keys(FILTERS).filter((name) => state[name]);
    hits = [];
    for (let at = 0; at < count; at += 1) {
      if (
        wanted.every((part) => searched[at].includes(part)) &&
        tests.every((name) => FILTERS[name](at) === state[name])
      ) {
        hits.push(at);
      }
    }
    sortHits();
    state.page = Math.min(state.page, Math.max(0, Math.ceil(hits.length / PAGE_ROWS) - 1));
  }

  function sortHits() {
    const falling = state.sort.startsWith('-');
    const column = COLUMNS.find(([title]) => title === state.sort.replace(/^-/, ''));
    if (!column) return;
    const [, isNumber, value] = column;
    const known = hits.map((at) => [value(at), at]);
    const sign = falling ? -1 : 1;
    known.sort(([a, i], [b, j]) => {
      // What is unknown comes last either way.
      const none = (it) => it === null || it === '';
      if (none(a) || none(b)) return none(a) - none(b) || i - j;
      const order = isNumber ? a - b : a < b ? -1 : a > b ? 1 : 0;
      return sign * order || i - j;
    });
    hits = known.map(([, at]) => at);
  }

  function show() {
    const from = state.page * PAGE_ROWS;
    const rows = hits.slice(from, from + PAGE_ROWS).map((at) => {
      const cells = COLUMNS.map(([, isNumber, value, shown], column) => {
        const raw = value(at);
        if (column === 0) {
          const cell = element('th', { scope: 'row' });
          cell.append(opener(at), ' ' + data.text[at]);
          return cell;
        }
        return isNumber ? element('td', { class: 'n' }, shown(raw)) : element('td', {}, named(raw));
      });
      const row = element('tr', { 'data-key': key(at) }, ...cells, deciding(at));
      mark(row, at);
      return row;
    });
    document.querySelector('#all tbody').replaceChildren(...rows);
    const pages = Math.max(1, Math.ceil(hits.length / PAGE_ROWS));
    byId('hits').textContent =
      whole.format(hits.length) +
      (hits.length === 1 ? ' item' : ' items') +
      ' of ' +
      whole.format(count);
    byId('page').textContent = 'page ' + (state.page + 1) + ' of ' + whole.format(pages);
    byId('prev').disabled = state.page === 0;
    byId('next').disabled = state.page + 1 >= pages;
    for (const head of document.querySelectorAll('#all [aria-sort]')) {
      const title = head.textContent;
      const sorted =
        state.sort === title ? 'ascending' : state.sort === '-' + title ? 'descending' : 'none';
      head.setAttribute('aria-sort', sorted);
    }
  }

  function remember() {
    const kept = new URLSearchParams();
    for (const [name, value] of Object.entries(state)) if (value) kept.set(name, value);
    const hash = kept.toString();
    history.replaceState(null, '', hash ? '#' + hash : location.pathname + location.search);
  }

  function recall() {
    const kept = new URLSearchParams(location.hash.slice(1));
    for (const name of Object.keys(state)) {
      if (name !== 'page') state[name] = kept.get(name) || '';
    }
    state.page = Math.max(0, Math.floor(Number(kept.get('page'))) || 0);
    byId('q').value = state.q;
    for (const name of Object.keys(FILTERS)) byId('f-' + name).value = state[name];
  }

  function changed(isNewSearch) {
    if (isNewSearch) state.page = 0;
    find();
    show();
    remember();
  }

  function browse() {
    for (const name of Object.keys(FILTERS)) {
      const select = byId('f-' + name);
      const [words] = name === 'cause' ? data.cause : data.words[name];
      select.append(element('option', { value: '' }, 'all'));
      for (const each of words) {
        if (each) select.append(element('option', { value: each }, named(plain(each))));
      }
      select.addEventListener('change', () => {
        state[name] = select.value;
        changed(true);
      });
    }
    for (const [title, isNumber] of COLUMNS) {
      const button = element('button', { type: 'button' }, title);
      button.addEventListener('click', () => {
        // Large numbers are what one looks for first.
        const first = isNumber ? '-' + title : title;
        const second = isNumber ? title : '-' + title;
        state.sort = state.sort === first ? second : state.sort === second ? '' : first;
        changed(true);
      });
      document
        .querySelector('#all thead tr')
        .append(
          element('th', { scope: 'col', 'aria-sort': 'none', class: isNumber ? 'n' : '' }, button),
        );
    }
    byId('q').addEventListener('input', () => {
      state.q = byId('q').value;
      changed(true);
    });
    byId('clear').addEventListener('click', () => {
      history.replaceState(null, '', '#');
      recall();
      changed(true);
    });
    byId('prev').addEventListener('click', () => {
      state.page -= 1;
      changed(false);
    });
    byId('next').addEventListener('click', () => {
      state.page += 1;
      changed(false);
    });
    addEventListener('hashchange', () => {
      if (location.hash.includes('=')) {
        recall();
        find();
        show();
      }
    });
    byId('browser').hidden = false;
    if (location.hash.includes('=')) recall();
    find();
    show();
    if (location.hash.includes('=')) byId('items').scrollIntoView();
  }

  // ---- Decisions, by order and line; they leave the page as a file only.
  const decisions = new Map();
  const canDecide = (at) =>
    line(at) && line(at)[4] && ['suggested', 'approved', 'rejected'].includes(line(at)[5]);

  function decide(at, decision) {
    const name = line(at)[0] + '\n' + line(at)[1];
    if (decision) decisions.set(name, { at, ...decision });
    else decisions.delete(name);
    for (const row of document.querySelectorAll('tr[data-key]')) {
      if (row.dataset.key === key(at)) mark(row, at);
    }
    isSaved = false;
    tally();
  }

  function tally() {
    const of = (number_, noun) => number_ + ' ' + noun + (number_ === 1 ? '' : 's');
    const said = decisions.size ? [of(decisions.size, 'decision')] : [];
    if (overrides.length) said.push(of(overrides.length, 'override'));
    byId('decided').textContent = said.join(', ');
    byId('bar').hidden = said.length === 0;
  }

  const decided = (at) => line(at) && decisions.get(line(at)[0] + '\n' + line(at)[1]);

  // A decided row says so by its edge and, for those who do not see it, by its pressed buttons.
  function mark(row, at) {
    const made = decided(at);
    row.classList.toggle('approve', Boolean(made) && made.action !== 'reject');
    row.classList.toggle('reject', Boolean(made) && made.action === 'reject');
    for (const button of row.querySelectorAll('td.act button')) {
      button.setAttribute(
        'aria-pressed',
        String(Boolean(made) && made.action === button.className),
      );
    }
  }

  // What is stated about demand, as rows of the overrides table.
  const overrides = [];
  let isSaved = true;

  function download(name, header, rows) {
    const cell = (text) => (/[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text);
    const text = [header, ...rows].map((row) => row.map(cell).join(',') + '\n').join('');
    const file = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
    element('a', { href: file, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(file), 10000);
  }

  function save() {
    const rows = Array.from(decisions.values(), (made) => {
      const { at, action, quantity = '', until = '', reason = '' } = made;
      const [order, number_, , , revision] = line(at);
      return [order, number_, action, revision, quantity, until, reason];
    });
    const header = ['po_number', 'line', 'action', 'revision', 'quantity', 'until', 'reason'];
    if (rows.length) download('decisions.csv', header, rows);
    const columns = 'sku,location,from,to,kind,value,reason,expires_on'.split(',');
    if (overrides.length) download('overrides.csv', columns, overrides);
    isSaved = true;
  }

  function stated(at) {
    const [kind, value, from, to, reason] = ['kind', 'value', 'from', 'to', 'reason'].map((name) =>
      byId('o-' + name).value.trim(),
    );
    const isWhole = value !== '' && from && to >= from && reason;
    byId('o-told').textContent = isWhole
      ? 'Stated, once overrides.csv is saved and its rows are added to the overrides table.'
      : 'A value, both days in order and a reason are needed.';
    if (!isWhole) return;
    const after = new Date(Date.parse(to) + 86400000).toISOString().slice(0, 10);
    overrides.push([data.sku[at], of('location', at), from, to, kind, value, reason, after]);
    isSaved = false;
    tally();
  }

  function act(at, action) {
    const made = decided(at);
    decide(at, made && made.action === action ? null : { action });
  }

  // ---- The rows that stand in the page already.
  const places = new Map(data.sku.map((_, at) => [key(at), at]));

  function opener(at) {
    const button = element('button', { type: 'button', class: 'open' }, named(data.sku[at]));
    button.addEventListener('click', () => open(at));
    return button;
  }

  function deciding(at) {
    const cell = element('td', { class: 'act' });
    for (const action of canDecide(at) ? ['approve', 'reject'] : []) {
      const button = element(
        'button',
        { type: 'button', class: action, 'aria-pressed': 'false' },
        action,
      );
      button.addEventListener('click', () => act(at, action));
      cell.append(button, ' ');
    }
    if (line(at) && !canDecide(at)) cell.append(plain(line(at)[5]));
    return cell;
  }

  function enliven() {
    for (const row of document.querySelectorAll('section:not(#items) tr[data-key]')) {
      const at = places.get(row.dataset.key);
      if (at === undefined) continue;
      row.cells[0].firstChild.replaceWith(opener(at), ' ');
      if (!row.closest('.lines')) continue;
      row.append(deciding(at));
    }
    for (const head of document.querySelectorAll('.lines thead tr, #all thead tr')) {
      head.append(element('th', { scope: 'col', class: 'act' }, 'Decide'));
    }
    for (const order of document.querySelectorAll('[data-po]')) {
      const mine = [];
      for (const at of Object.keys(lines).map(Number)) {
        if (line(at)[0] === order.dataset.po && canDecide(at)) mine.push(at);
      }
      if (mine.length < 2) continue;
      const button = element('button', { type: 'button' }, 'Approve all ' + mine.length + ' lines');
      button.addEventListener('click', () => {
        for (const at of mine) if (!decided(at)) decide(at, { action: 'approve' });
      });
      const summary = order.querySelector('summary');
      if (summary) summary.after(element('p', { class: 'order-actions' }, button));
      else order.append(' ', button);
    }
  }

  // ---- The drawer of one item.
  let opened = 0;

  function open(at) {
    opened = at;
    byId('d-title').textContent = named(data.sku[at]) + ' · ' + named(of('location', at));
    byId('d-text').textContent = data.text[at];
    byId('d-said').textContent = sentence(at);
    byId('d-found').replaceChildren(
      ...(data.found[at] || []).map((text) => element('li', {}, text)),
    );
    byId('d-explain').textContent =
      'restock explain ' +
      quoted(data.sku[at]) +
      ' --location ' +
      quoted(of('location', at)) +
      ' --run ' +
      data.run;
    byId('d-form').hidden = !canDecide(at);
    const made = decided(at) || {};
    byId('d-quantity').value = made.quantity || (line(at) ? line(at)[2] : '');
    byId('d-until').value = made.until || '';
    byId('d-reason').value = made.reason || '';
    byId('d-figures').replaceChildren(...figures(at));
    byId('o-told').textContent = '';
    told(at);
    byId('drawer').showModal();
    width = Math.min(760, Math.max(300, byId('d-fan').clientWidth));
    byId('d-fan').replaceChildren(fan(at));
    byId('d-stock').replaceChildren(projected(at));
  }

  // A word as a shell takes it.
  const quoted = (text) =>
    /^[\w.-]+$/.test(text) ? text : "'" + readable(text).replaceAll("'", "'\\''") + "'";

  function sentence(at) {
    const ordered = line(at);
    const [meaning, remedy] = data.meanings[of('reason', at)] || [plain(of('reason', at)), ''];
    const position = units(number('inventory_position', at));
    const point = units(number('reorder_point', at));
    const supplier = named(of('supplier', at));
    const stands = ' The position is ' + position + ', the reorder point ' + point + '.';
    if (ordered) {
      const cost = ordered[6] ? ' for ' + ordered[6] + ' ' + readable(ordered[7]) : '';
      const why = of('reason', at) === 'at_reorder_point' ? '' : ' ' + meaning;
      return (
        'Order ' +
        ordered[2] +
        ' from ' +
        supplier +
        cost +
        ', to arrive on ' +
        ordered[8] +
        ' (' +
        plain(ordered[3]) +
        ').' +
        stands +
        why
      );
    }
    const next = word(data.next, at);
    const when = next ? ' It can be ordered next on ' + next + '.' : '';
    return (
      plain(of('decision', at)).replace(/^./, (c) => c.toUpperCase()) +
      '.' +
      stands +
      ' ' +
      meaning +
      (remedy === 'Nothing.' ? '' : ' ' + remedy) +
      when
    );
  }

  function told(at) {
    const made = decided(at);
    const words = {
      approve: 'Approved',
      edit: 'Ordered with another quantity',
      reject: 'Rejected',
    };
    const ordered = line(at);
    const handed =
      ordered && !canDecide(at) && ordered[5]
        ? 'The line is ' + plain(ordered[5]) + ': change it in the purchasing system.'
        : '';
    byId('d-decided').textContent = made
      ? words[made.action] + ', once the decisions are saved and applied.'
      : handed;
  }

  function protectedDemand(at) {
    const [point, safety] = [number('reorder_point', at), number('safety_stock', at)];
    return point === null || safety === null ? null : point - safety;
  }

  function figures(at) {
    const shown = [
      ['Supplier', named(of('supplier', at))],
      ['On hand', units(number('on_hand', at))],
      ['Allocated', units(number('allocated', at))],
      ['Customers wait for', units(number('backorders', at))],
      ['On order', units(number('on_order', at))],
      ['Inventory position', units(number('inventory_position', at))],
      ['Reorder point', units(number('reorder_point', at))],
      ['Order-up-to level', units(number('order_up_to_level', at))],
      ['Safety stock', units(number('safety_stock', at))],
      ['Demand a day', units(data.demand[at])],
      ['Demand of the protected time', units(protectedDemand(at))],
      [
        'Lead time, days',
        units(number('lead_time_mean_days', at)) + ' ± ' + units(number('lead_time_sd_days', at)),
      ],
      ['Review period, days', units(number('review_period_days', at))],
      ['Needed', units(number('needed_quantity', at))],
      ['Order quantity', units(number('order_quantity', at))],
      ['P(short)', percent(number('stockout_probability', at))],
      ['Expected short', units(number('expected_short_units', at))],
      ['Days of supply', units(number('days_of_supply', at))],
      ['Demand class', plain(of('demand_class', at))],
      ['ABC XYZ', of('abc', at) + ' ' + of('xyz', at)],
      ['Model', plain(of('model', at))],
      ['Cause', cause(at) || '–'],
    ];
    return shown.map(([name, value]) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, readable(value))),
    );
  }

  // ---- Pictures.
  // As wide as the drawer has room for when it opens, so that letters keep their size.
  let width = 760;
  const HEIGHT = 200;
  const LEFT = 46;
  const BOTTOM = 24;

  // A character stands for a number: how many steps it is from nothing.
  const steps = (text, step) =>
    Array.from(text, (c) => {
      const code = c.charCodeAt(0);
      return (code > 92 ? code - 36 : code - 35) * step;
    });
  const drawn = data.drawn;
  const starts = {};
  for (const kind of ['units', 'bands', 'means']) {
    let end = 0;
    starts[kind] = drawn[kind][1].map((length) => (end += length) - length);
  }
  const stepsOf = (kind, worth, at) => {
    const [text, lengths] = drawn[kind];
    const [place, from] = [falling[at], starts[kind][falling[at]]];
    return steps(text.slice(from, from + lengths[place]), drawn[worth][place]);
  };
  const censoredOf = new Map(drawn.censored);

  function picture(title, low, high) {
    const svg = shape('svg', { viewBox: '0 0 ' + width + ' ' + HEIGHT, role: 'img' });
    svg.append(shape('title', {}, title));
    const step = nice((high - low) / 3);
    const y = (value) => 8 + (HEIGHT - BOTTOM - 8) * (1 - (value - low) / (high - low || 1));
    for (let value = Math.ceil(low / step) * step; value <= high; value += step) {
      svg.append(shape('line', { class: 'grid', x1: LEFT, x2: width, y1: y(value), y2: y(value) }));
      svg.append(
        shape(
          'text',
          { class: 'label', x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end' },
          units(Number(value.toPrecision(6))),
        ),
      );
    }
    return [svg, y];
  }

  function nice(rough) {
    const power = 10 ** Math.floor(Math.log10(rough || 1));
    return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= rough) || power;
  }

  const below = (svg, x, text, anchor) =>
    svg.append(shape('text', { class: 'label', x, y: HEIGHT - 6, 'text-anchor': anchor }, text));

  function fan(at) {
    const past = stepsOf('units', 'step', at);
    const begins = drawn.past[drawn.past.length - past.length];
    const next = drawn.ahead.starts;
    const bands = stepsOf('bands', 'step', at);
    const [q5, q25, q50, q75, q95] = [0, 1, 2, 3, 4].map((level) =>
      bands.slice(level * next.length, (level + 1) * next.length),
    );
    if (!bands.length || !past.length) return element('p', { class: 'quiet' }, 'No history.');
    const high = Math.max(...past, ...q95, 1) * 1.05;
    const [svg, y] = picture(
      'Demand of ' + past.length + ' periods, and the next ' + next.length + ' with their bands',
      0,
      high,
    );
    const wide = (width - LEFT) / (past.length + next.length);
    const x = (index) => LEFT + wide * index;
    const censored = new Set(censoredOf.get(falling[at]));
    past.forEach((value, index) => {
      const box = {
        x: x(index) + wide * 0.12,
        width: wide * 0.76,
        y: y(value),
        height: Math.max(0, y(0) - y(value)),
      };
      svg.append(shape('rect', { class: censored.has(index) ? 'censored' : 'bar', ...box }));
      if (censored.has(index))
        svg.append(
          shape(
            'text',
            { class: 'label', x: x(index + 0.5), y: y(value) - 3, 'text-anchor': 'middle' },
            '≥',
          ),
        );
    });
    const band = (lower, upper) => {
      const up = upper.map((value, index) => x(past.length + index + 0.5) + ',' + y(value));
      const down = lower
        .map((value, index) => x(past.length + index + 0.5) + ',' + y(value))
        .reverse();
      return [...up, ...down].join(' ');
    };
    svg.append(shape('polygon', { class: 'band95', points: band(q5, q95) }));
    svg.append(shape('polygon', { class: 'band50', points: band(q25, q75) }));
    const middle = q50
      .map((value, index) => x(past.length + index + 0.5) + ',' + y(value))
      .join(' ');
    svg.append(shape('polyline', { class: 's1', fill: 'none', 'stroke-width': 2, points: middle }));
    svg.append(
      shape('line', { class: 'axis', x1: x(past.length), x2: x(past.length), y1: 8, y2: y(0) }),
    );
    below(svg, LEFT, begins, 'start');
    below(svg, x(past.length), next[0], 'middle');
    // On a narrow screen there is no room for three dates.
    if (width > 560) below(svg, width, next[next.length - 1], 'end');
    const legend = element(
      'p',
      { class: 'quiet' },
      'Bars: demand of ' +
        drawn.period +
        ', ≥ where stock was out and more was wanted. Line: half of the cases below. ' +
        'Bands: 25 to 75 %, 5 to 95 %.',
    );
    const both = element('div', {});
    both.append(svg, legend);
    return both;
  }

  function projected(at) {
    const mean = stepsOf('means', 'meanStep', at);
    const position = number('on_hand', at);
    if (!mean.length || position === null)
      return element('p', { class: 'quiet' }, 'Stock is not known.');
    const arrivals = (data.open[at] || []).map(([days, count_]) => [
      Math.max(0, days === null ? Math.round(number('lead_time_mean_days', at) || 0) : days),
      count_,
    ]);
    const ordered = line(at);
    if (ordered)
      arrivals.push([
        Math.max(0, (Date.parse(ordered[8]) - Date.parse(data.asOf)) / 86400000),
        Number(ordered[2]),
      ]);
    let stock = position - (number('allocated', at) || 0) - (number('backorders', at) || 0);
    const points = [[0, stock]];
    let day = 0;
    mean.forEach((units_, period) => {
      const days = drawn.ahead.days[period];
      for (let step = 0; step < days; step += 1) {
        for (const [when, amount] of arrivals) {
          if (when === day) {
            stock += amount;
            points.push([day, stock]);
          }
        }
        stock -= units_ / days;
        day += 1;
        points.push([day, stock]);
      }
    });
    const point = number('reorder_point', at);
    const values = points.map(([, value]) => value);
    const low = Math.min(0, ...values);
    const high = Math.max(1, point, ...values) * 1.05;
    const [svg, y] = picture(
      'Expected stock of the next ' + day + ' days with open orders and tonight’s',
      low,
      high,
    );
    const x = (days) => LEFT + ((width - LEFT) * days) / day;
    svg.append(shape('line', { class: 'axis', x1: LEFT, x2: width, y1: y(0), y2: y(0) }));
    svg.append(
      shape('line', {
        class: 's2',
        x1: LEFT,
        x2: width,
        y1: y(point),
        y2: y(point),
        'stroke-dasharray': '5 4',
      }),
    );
    svg.append(
      shape(
        'text',
        { class: 'label', x: LEFT + 4, y: y(point) - 4 },
        'reorder point ' + units(point),
      ),
    );
    svg.append(
      shape('polyline', {
        class: 's1',
        fill: 'none',
        'stroke-width': 2,
        points: points
          .map(([days, value]) => x(days).toFixed(1) + ',' + y(value).toFixed(1))
          .join(' '),
      }),
    );
    below(svg, LEFT, data.asOf, 'start');
    below(svg, width, 'in ' + day + ' days', 'end');
    return svg;
  }

  function listen() {
    byId('d-close').addEventListener('click', () => byId('drawer').close());
    const reason = () => ({ reason: byId('d-reason').value.trim() });
    const make = (decision) => {
      decide(opened, decision);
      told(opened);
    };
    byId('d-approve').addEventListener('click', () => make({ action: 'approve', ...reason() }));
    byId('d-edit').addEventListener('click', () => {
      const quantity = byId('d-quantity').value;
      if (!(Number(quantity) > 0)) {
        byId('d-decided').textContent =
          'A quantity above 0 is needed; reject the line to order nothing.';
        return;
      }
      make({ action: 'edit', quantity, ...reason() });
    });
    byId('d-reject').addEventListener('click', () =>
      make({ action: 'reject', until: byId('d-until').value, ...reason() }),
    );
    byId('d-undo').addEventListener('click', () => make(null));
    for (const form of document.querySelectorAll('form')) {
      form.addEventListener('submit', (event) => event.preventDefault());
    }
    byId('o-add').addEventListener('click', () => stated(opened));
    byId('save').addEventListener('click', save);
    // On paper everything is open.
    addEventListener('beforeprint', () => {
      for (const each of document.querySelectorAll('details')) each.open = true;
    });
    addEventListener('beforeunload', (event) => {
      if (!isSaved) event.preventDefault();
    });
  }

  document.body.className = 'live';
  browse();
  enliven();
  listen();
})();
