// Charts over the last minutes, drawn as SVG. The time axis ends now and is at least a minute long.

const MARGIN = { left: 44, right: 8, top: 8, bottom: 22 };
const HEIGHT = 210;
const SHORTEST_SPAN = 60000;

// An axis over low..high: about four round numbers, the first above low, the last not below high.
function niceAxis(low, high) {
  const rough = (high - low || 1) / 4;
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / step); (i - 1) * step < high; i++) ticks.push(i * step || 0);
  return { low: Math.min(low, ticks[0]), high: ticks[ticks.length - 1], ticks };
}

class Chart {
  // options: title, note, stacked (areas that sum up, 0 to 1), format (of a value)
  constructor(options) {
    this.options = options;
    this.node = el('figure', '', el('figcaption', '', options.title, el('small', '', options.note)));
    this.svg = svg('svg', { role: 'img', 'aria-label': options.title });
    this.grid = svg('g', { class: 'grid' });
    this.plot = svg('g');
    this.cross = svg('line', { class: 'cross', visibility: 'hidden' });
    this.svg.append(this.grid, this.plot, this.cross);
    this.tip = el('div', 'tip');
    this.tip.hidden = true;
    this.node.append(this.svg, this.tip);
    this.paths = new Map();
    this.hover = null;
    this.svg.addEventListener('pointermove', event => {
      this.hover = event.clientX - this.svg.getBoundingClientRect().left;
      this.showTip();
    });
    this.svg.addEventListener('pointerleave', () => {
      this.hover = null;
      this.showTip();
    });
    new ResizeObserver(() => this.draw()).observe(this.node);
  }

  // times: milliseconds, ascending; series: [{ name, color, values }] with as many values as times
  update(times, series) {
    this.times = times;
    this.series = series;
    this.draw();
  }

  draw() {
    const width = this.svg.clientWidth;
    if (!width || !this.times || !this.times.length) return;
    const end = this.times[this.times.length - 1];
    this.start = Math.min(this.times[0], end - SHORTEST_SPAN);
    this.x = t => MARGIN.left + (t - this.start) / (end - this.start) * (width - MARGIN.left - MARGIN.right);
    const axis = this.options.stacked ? { low: 0, high: 1, ticks: [0, .25, .5, .75, 1] } : this.axis();
    this.y = v => MARGIN.top + (axis.high - v) / (axis.high - axis.low) * (HEIGHT - MARGIN.top - MARGIN.bottom);
    this.drawGrid(width, axis.ticks, end);
    if (this.options.stacked) this.drawAreas(); else this.drawLines();
    this.showTip();
  }

  axis() {
    let low = 0;
    let high = 1;
    for (const { values } of this.series) {
      for (const value of values) {
        if (known(value)) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
    }
    return niceAxis(low, high);
  }

  drawGrid(width, ticks, end) {
    const parts = [];
    for (const tick of ticks) {
      const y = this.y(tick);
      parts.push(svg('line', { x1: MARGIN.left, x2: width - MARGIN.right, y1: y, y2: y, class: tick === 0 ? 'zero' : '' }));
      const label = svg('text', { x: MARGIN.left - 8, y: y + 4, 'text-anchor': 'end' });
      label.textContent = this.options.format(tick);
      parts.push(label);
    }
    const seconds = (end - this.start) / 1000;
    const step = seconds > 150 ? 60 : seconds > 75 ? 30 : 15;
    for (let back = 0; back <= seconds; back += step) {
      const label = svg('text', { x: this.x(end - back * 1000), y: HEIGHT - 5, 'text-anchor': back ? 'middle' : 'end' });
      label.textContent = back === 0 ? 'now' : back % 60 ? '−' + back + ' s' : '−' + back / 60 + ' min';
      parts.push(label);
    }
    this.grid.replaceChildren(...parts);
  }

  path(name, className, color) {
    let path = this.paths.get(name);
    if (!path) {
      path = svg('path', { class: className });
      this.paths.set(name, path);
      this.plot.append(path);
    }
    path.style.setProperty('--series', color);
    return path;
  }

  dropOthers() {
    const names = new Set(this.series.map(s => s.name));
    for (const [name, path] of this.paths) {
      if (!names.has(name)) {
        path.remove();
        this.paths.delete(name);
      }
    }
  }

  drawLines() {
    for (const { name, color, values } of this.series) {
      let d = '';
      let open = false;
      values.forEach((value, i) => {
        if (!known(value)) {
          open = false;
          return;
        }
        d += (open ? 'L' : 'M') + this.x(this.times[i]).toFixed(1) + ' ' + this.y(value).toFixed(1);
        open = true;
      });
      this.path(name, 'line', color).setAttribute('d', d);
    }
    this.dropOthers();
  }

  drawAreas() {
    const base = this.times.map(() => 0);
    // before the first decision there is nothing to stack
    const from = Math.max(0, base.findIndex((_, i) => this.series.some(s => s.values[i] > 0)));
    const shown = this.times.map((_, i) => i).slice(from);
    for (const { name, color, values } of this.series) {
      const point = i => this.x(this.times[i]).toFixed(1) + ' ' + this.y(base[i]).toFixed(1);
      const lower = shown.map(point).reverse();
      values.forEach((value, i) => { base[i] += known(value) ? value : 0; });
      const upper = shown.map(point);
      this.path(name, 'area', color).setAttribute('d', 'M' + upper.join('L') + 'L' + lower.join('L') + 'Z');
    }
    this.dropOthers();
  }

  showTip() {
    const hidden = this.hover === null || !this.times || !this.times.length;
    this.tip.hidden = hidden;
    this.cross.setAttribute('visibility', hidden ? 'hidden' : 'visible');
    if (hidden) return;
    let nearest = 0;
    this.times.forEach((t, i) => {
      if (Math.abs(this.x(t) - this.hover) < Math.abs(this.x(this.times[nearest]) - this.hover)) nearest = i;
    });
    const x = this.x(this.times[nearest]);
    for (const [name, value] of [['x1', x], ['x2', x], ['y1', MARGIN.top], ['y2', HEIGHT - MARGIN.bottom]]) {
      this.cross.setAttribute(name, value);
    }
    this.tip.replaceChildren(el('h4', '', clock(new Date(this.times[nearest]))));
    for (const { name, color, values } of this.series) {
      const swatch = el('i', 'swatch');
      swatch.style.setProperty('--series', color);
      this.tip.append(el('div', '', el('span', '', swatch, name), el('b', '', this.options.format(values[nearest]))));
    }
    const right = x > this.svg.clientWidth / 2;
    this.tip.style.left = right ? 'auto' : x + 12 + 'px';
    this.tip.style.right = right ? this.svg.clientWidth - x + 12 + 'px' : 'auto';
  }
}

// A line without axes, scaled to itself.
function sparkline(path, values) {
  const usable = values.filter(known);
  const low = Math.min(...usable);
  const high = Math.max(...usable);
  const y = v => high === low ? 50 : 90 - 80 * (v - low) / (high - low);
  const d = values.map((v, i) => known(v) ? (i ? 'L' : 'M') + 100 * i / Math.max(1, values.length - 1) + ' ' + y(v) : '');
  path.setAttribute('d', usable.length > 1 ? d.join('').replace(/^L/, 'M') : '');
}
