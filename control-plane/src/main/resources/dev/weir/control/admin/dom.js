'use strict';
// Everything that is shown goes through textContent: models, paths and ids are what clients sent.

const byId = id => document.getElementById(id);

function el(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

function svg(tag, attributes = {}) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

// Leaves the node alone when nothing changed, so that a selection survives the next second.
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const known = value => typeof value === 'number' && Number.isFinite(value);

function decimal(value, digits) {
  return (value || 0).toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace('-', '−');
}

// Three significant digits, grouped; a dash for what is not known.
function num(value) {
  if (!known(value)) return '–';
  const size = Math.abs(value);
  return size >= 1e9 ? value.toExponential(2) : decimal(value, size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : 2);
}

// What is counted.
const count = value => known(value) ? Math.abs(value) >= 1e9 ? value.toExponential(2) : decimal(value, 0) : '–';

// Work units: whole where they are, else one digit.
const units = value => known(value) ? Math.abs(value) >= 1e9 ? value.toExponential(2)
  : decimal(value, Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 1) : '–';

const percent = value => known(value) ? decimal(100 * value, Math.abs(value) >= .0995 || value === 0 ? 0 : 1) + ' %' : '–';

const millis = value => known(value) ? value >= 10000 ? num(value / 1000) + ' s' : num(value) + ' ms' : '–';

function span(seconds) {
  if (!known(seconds)) return 'never';
  if (seconds < 0) return '0 s';
  if (seconds < 10) return seconds.toFixed(1) + ' s';
  if (seconds < 120) return Math.round(seconds) + ' s';
  if (seconds < 7200) return Math.round(seconds / 60) + ' min';
  return Math.round(seconds / 3600) + ' h';
}

const clock = date => date.toLocaleTimeString('en-GB');

const COLORS = ['#3b82f6', '#f0862b', '#1fa971', '#a46cf0', '#e5527f', '#17aec4', '#d3a216', '#7f8da3', '#86b32a', '#b4733f'];

// A table whose rows stay the same elements as long as their key does.
class Table {
  // columns: [title, class, (cell, item) => void]
  constructor(table, columns, empty) {
    this.columns = columns;
    this.rows = new Map();
    const head = el('tr');
    for (const [title, className] of columns) head.append(el('th', className === 'n' ? 'n' : '', title));
    this.body = el('tbody');
    table.append(el('thead', '', head), this.body);
    this.empty = el('p', 'empty', empty);
    table.after(this.empty);
  }

  update(items, key) {
    const rows = new Map();
    for (const item of items) {
      const id = key(item);
      let row = this.rows.get(id);
      if (!row) {
        row = el('tr');
        for (const [, className] of this.columns) row.append(el('td', className));
      }
      this.columns.forEach(([, , fill], i) => fill(row.children[i], item));
      rows.set(id, row);
    }
    const wanted = [...rows.values()];
    if (wanted.length !== this.body.children.length || wanted.some((row, i) => this.body.children[i] !== row)) {
      this.body.replaceChildren(...wanted);
    }
    this.rows = rows;
    this.empty.hidden = wanted.length > 0;
  }
}

// The first child element of that class, made when it is not there yet.
function part(cell, tag, className) {
  for (const child of cell.children) {
    if (child.dataset.part === className) return child;
  }
  const child = el(tag, className);
  child.dataset.part = className;
  cell.append(child);
  return child;
}

function pill(cell, text, kind) {
  const node = part(cell, 'span', 'pill');
  node.className = 'pill ' + kind;
  setText(node, text);
}

function bar(cell, fraction, full, color) {
  const node = part(cell, 'span', 'bar');
  node.className = full ? 'bar full' : 'bar';
  if (color) node.style.setProperty('--series', color);
  const fill = part(node, 'i', '');
  fill.style.width = Math.max(0, Math.min(100, 100 * (fraction || 0))) + '%';
}
