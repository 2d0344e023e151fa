'use strict';
// Shows and filters the steps of the page's data. It computes no figures and no
// positions: each one is text in the data and shown verbatim.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const byId = id => document.getElementById(id);
  const batch = {steps: 50, rows: 100}; // the number shown at first, and by each "more" button
  const printed = 500; // the maximum number of printed steps

  // element returns a new element; children that are not elements become text.
  function element(tag, attributes, ...children) {
    const e = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) e.setAttribute(name, value);
    e.append(...children);
    return e;
  }

  // appendInBatches appends the elements that show returns for each item. While
  // there are more, a button, which wrap may wrap, appends the next batch.
  function appendInBatches(items, show, into, size, noun, wrap = b => b, before = null) {
    let next = 0;
    const button = element('button', {type: 'button', class: 'more'});
    const wrapped = wrap(button);
    const appendNext = () => {
      const added = items.slice(next, next + size).flatMap(show);
      next += size;
      const successor = wrapped.parentNode === into ? wrapped : before;
      for (const e of added) into.insertBefore(e, successor);
      const left = items.length - next;
      if (left <= 0) {
        wrapped.remove();
        return added;
      }
      button.textContent = `Show ${Math.min(size, left).toLocaleString('en')} more ${noun} (${left.toLocaleString('en')} not shown)`;
      if (successor !== wrapped) into.insertBefore(wrapped, before);
      return added;
    };
    button.addEventListener('click', () => {
      const added = appendNext();
      if (!wrapped.isConnected) focusOn(added[0]);
    });
    return appendNext();
  }

  function focusOn(e) {
    if (!e) return;
    e.setAttribute('tabindex', '-1');
    e.focus();
  }

  const percent = position => Math.max(0, Math.min(1000, position)) / 10 + '%';
  const ends = mark => Array.isArray(mark) ? mark : [mark, mark];

  // bar draws a log with its marks and the zone between two of them.
  function bar(marks, zone) {
    if (typeof marks === 'string') return element('span', {class: 'words'}, marks);
    const log = element('span', {class: 'track', 'aria-hidden': 'true'});
    const draw = (className, from, to) => {
      const e = element('span', {class: className});
      e.style.left = percent(from);
      e.style.width = `calc(${percent(to)} - ${percent(from)})`;
      log.append(e);
    };
    const [a, b] = data.between.map(i => marks[i]);
    if (zone && a !== null && b !== null) {
      const positions = [...ends(a), ...ends(b)];
      draw('zone ' + zone, Math.min(...positions), Math.max(...positions));
    }
    marks.forEach((mark, i) => {
      if (mark === null) return;
      const [from, to] = ends(mark);
      draw(`mark ${data.marks[i]}${from < 0 || to > 1000 ? ' outside' : ''}${from === to ? '' : ' band'}`, from, to);
    });
    return log;
  }

  const nameOf = (row, part) => row.stem + (part[0] ?? '');

  // isolated keeps the direction of a text from outside from affecting the text
  // around it, and allows a line break within a span of positions.
  function isolated(text) {
    const [from, to] = text.split('..');
    return element('bdi', {}, ...(to && /^[\d,]+$/.test(from) ? [from + '..', element('wbr', {}), to] : [text]));
  }

  // endLabels names the known ends of a log below its bar.
  function endLabels(ends) {
    if (!ends.some(e => e)) return [];
    return [element('span', {class: 'ends'}, ...ends.map((e, i) => element('span', {}, ...(e ? [i ? 'high ' : 'low ', isolated(e)] : []))))];
  }

  // line returns a row of the table, whose header cell is head.
  function line(head, cells, marks, row, className) {
    const tr = element('tr', {role: 'row', class: className}, head);
    data.columns.slice(1).forEach((column, i) => {
      if (i === data.log) return tr.append(element('td', {role: 'cell', class: 'log'}, bar(marks, row.zone), ...endLabels(cells.slice(-2))));
      const cell = isolated(cells[i < data.log ? i : i - 1]);
      const td = element('td', {role: 'cell', class: i ? 'named' : '', 'data-column': column}, cell);
      if (i === 0 && row.zone) td.prepend(element('span', {class: 'swatch zone ' + row.zone, 'aria-hidden': 'true'}));
      if (i === 0 && row.note) td.append(element('small', {}, element('bdi', {}, row.note)));
      tr.append(td);
    });
    return tr;
  }

  // axis draws the known times of a step on a line, and names them in their order.
  function axis(times) {
    const track = element('span', {class: 'track', 'aria-hidden': 'true'});
    const draw = (className, from, to) => {
      const e = element('span', {class: className});
      e.style.left = percent(from);
      e.style.width = `calc(${percent(to)} - ${percent(from)})`;
      track.append(e);
    };
    if (times.zone) draw('zone replay', ...times.zone);
    const list = element('ol', {class: 'moments'});
    const close = 25; // ticks that share a label
    let label = null, labelled = -close;
    times.marks.forEach((mark, i) => {
      draw('tick at-' + mark.kind, mark.at, mark.at);
      if (mark.at - labelled < close) label.textContent += ', ' + (i + 1);
      else {
        label = element('b', {}, String(i + 1));
        label.style.left = percent(labelled = mark.at);
        track.append(label);
      }
      list.append(element('li', {}, mark.text));
    });
    return element('div', {class: 'axis'}, element('p', {class: 'details'}, 'Time, from the earliest to the latest that is known'), track, list);
  }

  // multiples shows the worst parts of a row as small bars.
  function multiples(row) {
    const list = element('ul', {class: 'multiples', 'aria-label': 'The partitions with the most records'});
    for (const i of row.worst) {
      const [number, cells, marks] = row.parts[i];
      list.append(element('li', {}, element('bdi', {}, row.stem), String(number ?? ''), bar(marks, row.zone), element('small', {}, cells[0])));
    }
    const rest = row.parts.length - row.worst.length;
    if (rest > 0) list.append(element('li', {class: 'others'}, `and ${rest.toLocaleString('en')} more, with fewer`));
    return element('tr', {role: 'row', class: 'rest small'}, element('td', {role: 'cell', colspan: data.columns.length}, list));
  }

  function partLine(row, part, className) {
    const name = element('span', {class: 'name'}, element('bdi', {}, row.stem), String(part[0] ?? ''));
    const head = element('th', {role: 'rowheader', scope: 'row'}, name);
    return line(head, part[1], part[2], row, className);
  }

  const fullWidthRow = button =>
    element('tr', {role: 'row', class: 'rest'}, element('td', {role: 'cell', colspan: data.columns.length}, button));

  // restLine returns a row of parts that the page does not list.
  function restLine(row) {
    const name = element('span', {class: 'name'}, element('bdi', {}, row.name));
    return line(element('th', {role: 'rowheader', scope: 'row'}, name, element('small', {}, row.rest)), row.cells, row.bar, row, 'many');
  }

  // foldLine returns a row of many parts, which expands to one row per part.
  function foldLine(row) {
    if (row.parts.length === 1) return partLine(row, row.parts[0], '');
    if (row.rest) return restLine(row);
    const button = element('button', {type: 'button', class: 'fold', 'aria-expanded': 'false'}, `${row.parts.length.toLocaleString('en')} partitions`);
    const head = element('th', {role: 'rowheader', scope: 'row'}, element('span', {class: 'name'}, element('bdi', {}, row.name)), button);
    const tr = line(head, row.cells, row.bar, row, 'many');
    const expanded = new WeakSet(); // the rows of its parts
    button.addEventListener('click', () => {
      const open = button.getAttribute('aria-expanded') === 'false';
      button.setAttribute('aria-expanded', String(open));
      if (!open) {
        while (tr.nextSibling && expanded.has(tr.nextSibling)) tr.nextSibling.remove();
        return;
      }
      const added = e => (expanded.add(e), e);
      const show = p => [added(partLine(row, p, 'one'))];
      appendInBatches(row.parts, show, tr.parentNode, batch.rows, 'partitions', b => added(fullWidthRow(b)), tr.nextSibling);
    });
    return row.worst ? [tr, multiples(row)] : tr;
  }

  // table shows a step's rows, or only the parts that a search has found.
  function table(step, found) {
    const head = element('tr', {role: 'row'});
    data.columns.forEach((c, i) => head.append(element('th', {role: 'columnheader', scope: 'col', class: i - 1 === data.log ? 'log' : ''}, c)));
    const body = element('tbody', {role: 'rowgroup'});
    if (found) appendInBatches(found, ([row, part]) => [partLine(row, part, '')], body, batch.rows, 'partitions', fullWidthRow);
    else appendInBatches(step.rows, row => [foldLine(row)].flat(), body, batch.rows, 'rows', fullWidthRow);
    const attributes = {role: 'table', class: data.columns.length > 6 ? 'wide' : '', 'aria-label': 'Partitions of ' + step.id};
    return element('table', attributes, element('thead', {role: 'rowgroup'}, head), body);
  }

  function card(step, found) {
    const e = element('section', {class: 'step', id: anchor(step), tabindex: '-1', 'aria-label': 'Step ' + step.id});
    const link = element('a', {class: 'anchor', href: '#' + encodeURIComponent(anchor(step)), 'aria-label': 'Link to step ' + step.id}, '#');
    const title = element('h2', {}, element('span', {class: 'word ' + (step.tone || '')}, step.word), ' ', element('bdi', {}, step.id), ' ', link);
    if (step.loss) title.append(' ', element('span', {class: 'word loss'}, step.loss));
    e.append(title);
    const text = (className, value) => value && e.append(element('p', {class: className}, element('bdi', {}, value)));
    text('address', step.address);
    text('details', step.details);
    text(step.tone === 'bad' ? 'why bad' : 'why', step.why);
    for (const w of step.warnings || []) text('warning', w);
    text('impact', step.impact);
    text('total', step.total);
    if (found) text('details', `Only matching partitions are shown: ${found.length.toLocaleString('en')}.`);
    if (step.rows) e.append(table(step, found));
    if (step.axis) e.append(axis(step.axis));
    return e;
  }

  const anchor = step => 'step-' + step.id;

  // jump shows the step that the page's address names.
  function jump() {
    let name;
    try { name = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    if (!data.steps.some(s => anchor(s) === name)) return;
    if (byId('search').value || byId('words').querySelector(':checked')) {
      byId('controls').reset();
      show();
    }
    for (let more; !byId(name) && (more = byId('steps').querySelector(':scope > .more'));) more.click();
    byId(name).focus();
    byId(name).scrollIntoView();
  }

  // copy copies a value of the head, or selects it if the browser refuses.
  async function copy(button) {
    const value = byId(button.dataset.of);
    let done = true;
    try {
      await navigator.clipboard.writeText(value.textContent);
    } catch {
      getSelection().selectAllChildren(value);
      done = document.execCommand('copy');
    }
    byId('copied').textContent = done ? 'Copied.' : 'Selected. Press Ctrl+C to copy.';
  }

  // matches returns which parts of a step match: null if the step does not match,
  // an empty list to show the whole step, or a list of parts.
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

  // show fills the page with the steps that the controls select.
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
    const count = steps => steps.filter(s => !s.sum).length.toLocaleString('en');
    const all = count(data.steps);
    let shown = `${all} steps`;
    if (found.length < data.steps.length || parts) shown = `${count(found.map(([step]) => step))} of ${all} steps match`;
    if (parts) shown += ` (${parts.toLocaleString('en')} ${parts === 1 ? 'partition' : 'partitions'})`;
    byId('shown').textContent = shown;
    byId('steps').replaceChildren();
    appendInBatches(found, ([step, m]) => [card(step, m)], byId('steps'), batch.steps, 'steps');
  }

  // unpack copies what steps and rows have in common into each of them.
  function unpack() {
    for (const step of data.steps) {
      Object.assign(step, data.stepKinds[step.kind || 0]);
      step.id = (data.idStem || '') + step.id;
      step.address = (data.addressStem || '') + (step.address || '');
      for (const row of step.rows || []) Object.assign(row, data.rowKinds[row.kind || 0]);
    }
  }

  // controls adds a checkbox for each action or outcome of the steps.
  function controls() {
    const counts = new Map();
    for (const step of data.steps) {
      counts.set(step.word, (counts.get(step.word) || 0) + 1);
      step.text = [step.id, step.word, step.address, step.details, step.why, step.total, step.loss, ...(step.warnings || [])].join(' ').toLowerCase();
    }
    for (const [word, n] of counts) {
      const box = element('input', {type: 'checkbox', value: word});
      byId('words').append(element('label', {}, box, ` ${word} (${n.toLocaleString('en')})`));
    }
    byId('controls').hidden = byId('legend').hidden = false;
    byId('controls').addEventListener('submit', e => e.preventDefault());
    byId('words').addEventListener('change', show);
    byId('search').addEventListener('input', show);
    addEventListener('beforeprint', () => {
      for (let i = 0; i < printed / batch.steps; i++) byId('steps').querySelector(':scope > .more')?.click();
    });
  }

  for (const button of document.querySelectorAll('.copy')) {
    button.hidden = false;
    button.addEventListener('click', () => copy(button));
  }
  if (!data.steps?.length) return;
  unpack();
  controls();
  show();
  addEventListener('hashchange', jump);
  jump();
})();
