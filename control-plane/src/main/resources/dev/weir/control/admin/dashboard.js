// Asks the admin port once a second and shows what it says.

const KEPT_POINTS = 300;
const POOLS_SHOWN = 12;
const TIMEOUT = 5000;

const points = [];
const cards = new Map();
let colors = new Map();
let lastAnswer = 0;
let serverAhead = 0;

// The control plane's clock: the browser may run elsewhere.
const now = () => Date.now() + serverAhead;

async function ask(path) {
  const response = await fetch(path, { signal: AbortSignal.timeout(TIMEOUT) });
  const body = await response.json();
  if (!response.ok) throw new Error(body.error ? body.error.message : 'status ' + response.status);
  return body;
}

// A part that has nothing to say yet must not keep the others from showing.
const askOr = (path, otherwise) => ask(path).catch(error => {
  if (error instanceof TypeError || error.name === 'TimeoutError') throw error;
  return otherwise;
});

// ---- pools

class PoolCard {
  constructor(name) {
    this.legend = el('div', 'legend');
    this.demand = this.tile('Demand');
    this.price = this.tile('Price');
    this.congestion = this.tile('Congestion');
    this.utilisation = this.tile('Utilisation');
    this.meter = el('i');
    this.congestion.node.append(el('div', 'meter', this.meter));
    this.shares = new Chart({ title: 'Shares', note: 'of first attempts, in force', stacked: true, format: percent });
    this.backlog = new Chart({ title: 'Backlog', note: 'work units waiting; below zero: free slots', format: units });
    this.node = el('article', 'card',
      el('div', 'pool-head', el('h2', '', name), this.legend),
      el('div', 'tiles', this.demand.node, this.utilisation.node, this.congestion.node, this.price.node),
      el('div', 'charts', this.shares.node, this.backlog.node));
  }

  tile(title) {
    const value = el('span');
    const unit = el('small');
    const line = svg('path');
    const graph = svg('svg', { viewBox: '0 0 100 100', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    graph.append(line);
    return { node: el('div', 'tile', el('h3', '', title), el('p', '', value, unit), graph), value, unit, line };
  }

  update(name) {
    const rows = points.map(p => p.pools.find(pool => pool.pool === name));
    const newest = rows[rows.length - 1];
    const names = [...new Set(rows.flatMap(row => row ? Object.keys(row.shares) : []))].sort();
    const times = points.map(p => p.atMillis);
    const series = valuesOf => names.map(provider => (
      { name: provider, color: colors.get(provider) || COLORS[7], values: valuesOf(provider) }));
    this.shares.update(times, series(provider => rows.map(row => row ? row.shares[provider] || 0 : null)));
    this.backlog.update(times, series(provider => points.map(p => {
      const found = p.providers.find(x => x.provider === provider);
      return found ? found.backlog : null;
    })));
    this.fill(this.demand, rows.map(r => r && r.demand), num, 'work units/s');
    this.fill(this.utilisation, rows.map(r => r && r.utilisation), percent, '');
    this.fill(this.congestion, rows.map(r => r && r.congestion), count, 'of 100');
    this.fill(this.price, rows.map(r => r && r.price), count, 'per 1 000 units');
    this.meter.style.width = newest.congestion + '%';
    this.congestion.node.className = 'tile ' + (newest.congestion >= 95 ? 'hot' : newest.congestion >= 85 ? 'busy' : '');
    this.legend.replaceChildren(...Object.keys(newest.shares).sort().map(provider => {
      const swatch = el('i', 'swatch');
      swatch.style.setProperty('--series', colors.get(provider) || COLORS[7]);
      return el('span', '', swatch, provider, el('b', '', percent(newest.shares[provider])));
    }));
  }

  fill(tile, values, format, unit) {
    setText(tile.value, format(values[values.length - 1]));
    setText(tile.unit, unit);
    sparkline(tile.line, values);
  }
}

function showPools() {
  const newest = points[points.length - 1];
  if (!newest) return;
  const wanted = byId('filter').querySelector('input').value.trim().toLowerCase();
  byId('filter').hidden = newest.pools.length <= 6;
  const matching = newest.pools.map(p => p.pool).filter(name => name.includes(wanted));
  const shown = matching.slice(0, POOLS_SHOWN);
  byId('more').hidden = matching.length === shown.length && newest.pools.length > 0;
  setText(byId('more'), newest.pools.length ? matching.length - shown.length + ' more pools match' : 'No pools are configured.');
  for (const [name, card] of cards) {
    if (!shown.includes(name)) {
      card.node.remove();
      cards.delete(name);
    }
  }
  for (const name of shown) {
    if (!cards.has(name)) {
      cards.set(name, new PoolCard(name));
      byId('pools').append(cards.get(name).node);
    }
    cards.get(name).update(name);
  }
}

// ---- providers

const STATUS = { active: 'good', untried: '', ramping: 'warn', stalled: 'bad', absent: '', draining: 'warn' };

const providers = new Table(byId('providers'), [
  ['Provider', '', (cell, p) => {
    const swatch = part(cell, 'i', 'swatch');
    swatch.style.setProperty('--series', colors.get(p.provider));
    setText(part(cell, 'b', 'name'), p.provider);
    setText(part(cell, 'small', 'endpoint'), ' ' + p.endpoint + (p.tls ? ', TLS' : ''));
  }],
  ['Status', '', (cell, p) => {
    const status = !p.addresses.length ? 'no address' : p.load ? p.load.status : 'in no pool';
    pill(cell, status, p.addresses.length ? STATUS[status] || '' : 'bad');
  }],
  ['Declared /s', 'n', (cell, p) => {
    setText(part(cell, 'span', 'value'), p.declared && p.declared.workUnitsPerSecond ? units(p.declared.workUnitsPerSecond) : 'nothing');
    setText(part(cell, 'small', 'block'), p.declared && p.declared.block ? ' block ' + p.declared.block.number : '');
  }],
  ['Trusted /s', 'n', (cell, p) => {
    setText(part(cell, 'span', 'value'), p.load ? units(p.load.trustedCapacity) : '–');
    bar(cell, p.load && p.declared && p.declared.workUnitsPerSecond ? p.load.trustedCapacity / p.declared.workUnitsPerSecond : 0, false, colors.get(p.provider));
  }],
  ['In flight', 'n', (cell, p) => {
    setText(part(cell, 'span', 'value'), p.load ? count(p.load.inFlight) : '–');
    setText(part(cell, 'small', 'slots'), p.load ? ' of ' + p.load.slots : '');
    bar(cell, p.load ? p.load.inFlight / p.load.slots : 0, p.load && p.load.inFlight > p.load.slots, colors.get(p.provider));
  }],
  ['Backlog', 'n', (cell, p) => setText(cell, p.load ? units(p.load.backlog) : '–')],
  ['Completes /s', 'n', (cell, p) => setText(cell, p.load ? num(p.load.completionRate) : '–')],
  ['Latency p50', 'n', (cell, p) => setText(cell, p.latency ? millis(p.latency.p50Millis) : '–')],
  ['p99', 'n', (cell, p) => setText(cell, p.latency ? millis(p.latency.p99Millis) : '–')],
  ['Why', 'wide', (cell, p) => setText(cell, p.load ? p.load.reason : '')],
], 'No providers are configured.');

// ---- calls and sidecars

const calls = new Table(byId('calls'), [
  ['Started', '', (cell, c) => setText(cell, clock(new Date(c.startedAt)))],
  ['Pool', '', (cell, c) => setText(cell, c.pool || '–')],
  ['Model', 'clip', (cell, c) => { setText(cell, c.model || '–'); cell.title = c.method + ' ' + c.path; }],
  ['Provider', '', (cell, c) => setText(cell, c.provider || 'none')],
  ['Status', '', (cell, c) => pill(cell, c.status ? String(c.status) : 'none',
    c.status >= 200 && c.status < 300 ? 'good' : c.status >= 500 || !c.status ? 'bad' : 'warn')],
  ['Attempts', 'n', (cell, c) => setText(cell, String(c.attempts))],
  ['First byte', 'n', (cell, c) => setText(cell, millis(c.firstByteMillis))],
  ['Took', 'n', (cell, c) => setText(cell, millis(c.durationMillis))],
  ['Tokens', 'n', (cell, c) => setText(cell, c.usage ? count(c.usage.totalTokens) : '–')],
  ['Price', 'n', (cell, c) => setText(cell, count(c.price))],
  ['Owed', 'n', (cell, c) => setText(cell, c.amount || '–')],
  ['Decision', '', (cell, c) => setText(cell, c.epoch || '–')],
  ['Request', 'clip', (cell, c) => { setText(cell, c.requestId); cell.title = c.details + (c.flags ? ', ' + c.flags : ''); }],
], 'No call is in the ledger yet.');

const TYPES = { Listener: 'LDS', RouteConfiguration: 'RDS', Cluster: 'CDS', ClusterLoadAssignment: 'EDS', Runtime: 'RTDS', Secret: 'SDS' };
const typeName = type => TYPES[type] || type;

const refused = t => {
  const named = Object.entries(t.refusals);
  return named.length ? named.map(([name, words]) => '\n' + name + ': ' + words).join('') : t.refusal ? ': ' + t.refusal : '';
};

const sidecars = new Table(byId('sidecars'), [
  ['Node', '', (cell, s) => setText(part(cell, 'b', 'name'), s.node)],
  ['State', '', (cell, s) => pill(cell, s.sharesId ? 'id is shared' : s.refuses ? 'refuses' : 'in step', s.sharesId || s.refuses ? 'bad' : 'good')],
  ['Listens', '', (cell, s) => setText(cell, s.listen)],
  ['Connected', 'n', (cell, s) => setText(cell, span((now() - s.connectedSinceMillis) / 1000))],
  ['Accepted', '', (cell, s) => setText(cell, Object.entries(s.types)
    .map(([type, t]) => typeName(type) + ' ' + t.acknowledged + ' of ' + t.sent).sort().join(', '))],
  ['Refused', 'wide', (cell, s) => {
    const refusals = Object.entries(s.types).filter(([, t]) => t.refused > 0);
    cell.classList.toggle('bad-text', s.refuses);
    setText(cell, refusals.map(([type, t]) => typeName(type) + ' ' + t.refused + refused(t)).join('\n') || 'nothing');
  }],
], 'No sidecar is connected.');

// ---- the whole

const CAUSES = {
  first: 'the first', saves_time: 'saves time', membership: 'pools or providers changed', health: 'a provider\u2019s health changed',
  price: 'a price changed', congestion: 'congestion changed',
};

function fact(title, value) {
  return el('div', '', el('dt', '', title), el('dd', '', value));
}

function showFacts(all) {
  const { decision, declared, fleet } = all;
  setText(byId('mesh'), declared ? declared.mesh : '');
  document.title = (declared ? declared.mesh + ' · ' : '') + 'Weir';
  byId('facts').replaceChildren(
    fact('Decision', decision ? decision.epoch : 'none yet'),
    fact('released', decision ? span((now() - decision.releasedAtMillis) / 1000) + ' ago' : '–'),
    fact('Policy', declared ? declared.policy : '–'),
    fact('Sidecars', String(fleet.sidecars.length)),
    fact('Capacity', declared ? capacity(declared) : '–'));
  setText(byId('causes'), decision
    ? decision.epoch + ': ' + decision.causes.map(cause => CAUSES[cause] || cause).join(', ') : '');
  setText(byId('explanation'), decision ? decision.explanation.join('\n') : '');
  setText(byId('source'), declared ? declared.problem
    ? 'last confirmed ' + span(declared.ageSeconds) + ' ago: ' + declared.problem
    : 'declared by ' + declared.source : '');
  byId('source').classList.toggle('bad-text', Boolean(declared && declared.problem));
}

function capacity(declared) {
  return declared.source + (declared.head ? ' block ' + declared.head.number : '')
    + (declared.problem ? ', ' + span(declared.ageSeconds) + ' old' : '');
}

function showBanner(error) {
  byId('banner').hidden = !error;
  if (error) {
    const age = lastAnswer ? 'What you see is ' + span((Date.now() - lastAnswer) / 1000) + ' old. ' : '';
    setText(byId('banner'), 'The control plane does not answer. ' + age
      + 'Sidecars go on with the last decision. (' + error.message + ')');
  }
}

async function refresh() {
  const since = points.length ? points[points.length - 1].atMillis : 0;
  const [history, declared, decision, recent, fleet] = await Promise.all([
    ask('/v1/history?since=' + since),
    askOr('/v1/providers', null),
    askOr('/v1/decision', null),
    askOr('/v1/calls?limit=15', { calls: [] }),
    askOr('/v1/sidecars', { sidecars: [] })]);
  points.push(...history.points);
  points.splice(0, Math.max(0, points.length - KEPT_POINTS));
  if (declared) {
    serverAhead = declared.atMillis - Date.now();
    colors = new Map(declared.providers.map((p, i) => [p.provider, COLORS[i % COLORS.length]]));
    providers.update(declared.providers, p => p.provider);
  }
  showFacts({ declared, decision, fleet });
  showPools();
  calls.update(recent.calls, c => c.sidecar + '/' + c.requestId);
  sidecars.update(fleet.sidecars, s => s.node);
}

async function turn() {
  if (!document.hidden) {
    try {
      await refresh();
      lastAnswer = Date.now();
      showBanner(null);
    } catch (error) {
      showBanner(error);
    }
  }
  setTimeout(turn, 1000);
}

byId('theme').addEventListener('click', () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
});
byId('filter').querySelector('input').addEventListener('input', showPools);
turn();
