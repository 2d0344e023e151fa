'use strict';
// Shows and filters the steps of the data beside it. It counts no records and
// works out no place: each figure is a text of the data, shown as it is.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const byId = id => document.getElementById(id);
  const atOnce = {steps: 50, rows: 100}; // how many are shown before "more" is asked for
  const printed = 500; // how many steps are printed at most

  // make returns an element; what is not an element yet becomes its text.
  function make(tag, attributes, ...children) {
    const e = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
    e.append(...children);
    return e;
  }

  // pour appends what show makes of the items, some at a time: as long as there
  // are more, a button that wrap puts into place asks for them.
  function pour(items, show, into, size, noun, wrap = b => b, before = null) {
    let next = 0;
    const button = make('button', {type: 'button', class: 'more'});
    const place = wrap(button);
    const some = () => {
      const made = items.slice(next, next + size).flatMap(show);
      next += size;
      const here = place.parentNode === into ? place : before;
      for (const e of made) into.insertBefore(e, here);
      const left = items.length - next;
      if (left <= 0) {
        place.remove();
        return made;
      }
      button.textContent = `Show ${Math.min(size, left).toLocaleString('en')} more ${noun} (${left.toLocaleString('en')} are not shown)`;
      if (here !== place) into.insertBefore(place, before);
      return made;
    };
    button.addEventListener('click', () => {
      const made = some();
      if (!place.isConnected) focusOn(made[0]);
    });
    return some();
  }

  function focusOn(e) {
    if (!e) return;
    e.setAttribute('tabindex', '-1');
    e.focus();
  }

  const percent = place => Math.max(0, Math.min(1000, place)) / 10 + '%';
  const ends = mark => Array.isArray(mark) ? mark : [mark, mark];

  // bar draws a log with its marks and the zone between two of them.
  function bar(places, zone) {
    if (typeof places === 'string') return make('span', {class: 'words'}, places);
    const log = make('span', {class: 'track', 'aria-hidden': 'true'});
    const stretch = (className, from, to) => {
      const e = make('span', {class: className});
      e.style.left = percent(from);
      e.style.width = `calc(${percent(to)} - ${percent(from)})`;
      log.append(e);
    };
    const [a, b] = data.between.map(i => places[i]);
    if (zone && a !== null && b !== null) {
      const all = [...ends(a), ...ends(b)];
      stretch('zone ' + zone, Math.min(...all), Math.max(...all));
    }
    places.forEach((mark, i) => {
      if (mark === null) return;
      const [from, to] = ends(mark);
      stretch(`mark ${data.marks[i]}${from < 0 || to > 1000 ? ' outside' : ''}${from === to ? '' : ' band'}`, from, to);
    });
    return log;
  }

  const nameOf = (row, part) => row.stem + (part[0] ?? '');

  // shown isolates a foreign text, so that it does not turn its neighbours
  // round, and lets a span of places break where one ends.
  function shown(text) {
    const [from, to] = text.split('..');
    return make('bdi', {}, ...(to && /^\d+$/.test(from) ? [from + '..', make('wbr', {}), to] : [text]));
  }

  // ofLog names the ends of a log below its bar, where they are known.
  const ofLog = ends => ends.some(e => e) ? [make('span', {class: 'ends'}, ...ends.map((e, i) => make('span', {}, ...(e ? [i ? 'high ' : 'low ', shown(e)] : []))))] : [];

  // line returns a row of the table; its head holds the name.
  function line(head, cells, places, row, className) {
    const tr = make('tr', {role: 'row', class: className}, head);
    data.columns.slice(1).forEach((column, i) => {
      if (i === data.log) return tr.append(make('td', {role: 'cell', class: 'log'}, bar(places, row.zone), ...ofLog(cells.slice(-2))));
      const td = make('td', {role: 'cell', class: i ? 'named' : '', 'data-column': column}, shown(cells[i < data.log ? i : i - 1]));
      if (i === 0 && row.zone) td.prepend(make('span', {class: 'swatch zone ' + row.zone, 'aria-hidden': 'true'}));
      if (i === 0 && row.note) td.append(make('small', {}, make('bdi', {}, row.note)));
      tr.append(td);
    });
    return tr;
  }

  function partLine(row, part, className) {
    const head = make('th', {role: 'rowheader', scope: 'row'}, make('span', {class: 'name'}, make('bdi', {}, row.stem), String(part[0] ?? '')));
    return line(head, part[1], part[2], row, className);
  }

  const wholeRow = button => make('tr', {role: 'row', class: 'rest'}, make('td', {role: 'cell', colspan: data.columns.length}, button));

  // foldLine returns the row of many parts, which opens to show each of them.
  function foldLine(row) {
    if (row.parts.length === 1) return partLine(row, row.parts[0], '');
    const button = make('button', {type: 'button', class: 'fold', 'aria-expanded': 'false'}, `${row.parts.length.toLocaleString('en')} partitions`);
    const tr = line(make('th', {role: 'rowheader', scope: 'row'}, make('span', {class: 'name'}, make('bdi', {}, row.name)), button), row.cells, row.bar, row, 'many');
    const own = new WeakSet(); // the rows that it has opened
    button.addEventListener('click', () => {
      const open = button.getAttribute('aria-expanded') === 'false';
      button.setAttribute('aria-expanded', String(open));
      if (!open) {
        while (tr.nextSibling && own.has(tr.nextSibling)) tr.nextSibling.remove();
        return;
      }
      const mine = e => (own.add(e), e);
      pour(row.parts, p => [mine(partLine(row, p, 'one'))], tr.parentNode, atOnce.rows, 'partitions', b => mine(wholeRow(b)), tr.nextSibling);
    });
    return tr;
  }

  // table shows a step's rows: folded, or only the parts that were searched.
  function table(step, found) {
    const head = make('tr', {role: 'row'});
    data.columns.forEach((c, i) => head.append(make('th', {role: 'columnheader', scope: 'col', class: i - 1 === data.log ? 'log' : ''}, c)));
    const body = make('tbody', {role: 'rowgroup'});
    if (found) pour(found, ([row, part]) => [partLine(row, part, '')], body, atOnce.rows, 'partitions', wholeRow);
    else pour(step.rows, row => [foldLine(row)], body, atOnce.rows, 'rows', wholeRow);
    return make('table', {role: 'table', class: data.columns.length > 6 ? 'wide' : '', 'aria-label': 'Partitions of ' + step.id}, make('thead', {role: 'rowgroup'}, head), body);
  }

  function card(step, found) {
    const e = make('section', {class: 'step', 'aria-label': 'Step ' + step.id});
    e.append(make('h2', {}, make('span', {class: 'word ' + (step.tone || '')}, step.word), ' ', make('bdi', {}, step.id)));
    const text = (className, value) => value && e.append(make('p', {class: className}, make('bdi', {}, value)));
    text('address', step.address);
    text('asked', step.asked);
    text(step.tone === 'bad' ? 'why bad' : 'why', step.why);
    for (const w of step.warnings || []) text('warning', w);
    text('impact', step.impact);
    text('total', step.total);
    if (found) text('asked', `Only what the search finds is shown: ${found.length.toLocaleString('en')} of its partitions.`);
    if (step.rows) e.append(table(step, found));
    return e;
  }

  // matches returns what of a step is to be shown: nothing (null), all of it
  // (an empty list), or some of its parts.
  function matches(step, words, wanted) {
    if (wanted.size && !wanted.has(step.word)) return null;
    const left = words.filter(w => !step.text.includes(w));
    if (!left.length) return [];
    const found = [];
    for (const row of step.rows || []) {
      for (const part of row.parts) {
        const text = `${nameOf(row, part)} ${part[1][0]} ${row.note || ''}`.toLowerCase();
        if (left.every(w => text.includes(w))) found.push([row, part]);
      }
    }
    return found.length ? found : null;
  }

  // show fills the page with what the controls ask for.
  function show() {
    const words = byId('search').value.toLowerCase().split(/\s+/).filter(w => w);
    const wanted = new Set([...byId('words').querySelectorAll(':checked')].map(c => c.value));
    const found = [];
    let parts = 0;
    for (const step of data.steps) {
      const m = matches(step, words, wanted);
      if (!m) continue;
      found.push([step, m.length ? m : null]);
      parts += m.length;
    }
    const shown = found.length === data.steps.length && !parts ? `${data.steps.length.toLocaleString('en')} steps` :
      `${found.length.toLocaleString('en')} of ${data.steps.length.toLocaleString('en')} steps match` + (parts ? `, by ${parts.toLocaleString('en')} of their partitions` : '');
    byId('shown').textContent = shown;
    byId('steps').replaceChildren();
    pour(found, ([step, m]) => [card(step, m)], byId('steps'), atOnce.steps, 'steps');
  }

  // unpack gives each step and row what it has in common with others.
  function unpack() {
    for (const step of data.steps) {
      Object.assign(step, data.kinds[step.kind || 0]);
      for (const row of step.rows || []) Object.assign(row, data.folds[row.fold || 0]);
    }
  }

  // controls offers a box for each word that the steps have.
  function controls() {
    const counts = new Map();
    for (const step of data.steps) {
      counts.set(step.word, (counts.get(step.word) || 0) + 1);
      step.text = [step.id, step.word, step.address, step.asked, step.why, step.total, ...(step.warnings || [])].join(' ').toLowerCase();
    }
    for (const [word, n] of counts) byId('words').append(make('label', {}, make('input', {type: 'checkbox', value: word}), ` ${word} (${n.toLocaleString('en')})`));
    byId('controls').hidden = byId('legend').hidden = false;
    byId('controls').addEventListener('submit', e => e.preventDefault());
    byId('words').addEventListener('change', show);
    byId('search').addEventListener('input', show);
    addEventListener('beforeprint', () => {
      for (let i = 0; i < printed / atOnce.steps; i++) byId('steps').querySelector(':scope > .more')?.click();
    });
  }

  if (!data.steps?.length) return;
  unpack();
  controls();
  show();
})();
