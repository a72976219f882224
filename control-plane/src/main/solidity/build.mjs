#!/usr/bin/env node
// Compiles the contracts that Java deploys and writes {contract, compiler, abi, bytecode} for each into OUT (default: the
// application's resources). Same compiler, same bytes. usage: build.mjs [OUT]; WEIR_SOLC names another solc.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, '../resources/dev/weir/control/chain');
const solc = process.env.WEIR_SOLC ?? join(here, 'solc');
const contracts = ['CapacityRegistry', 'DevToken'];

function run(option, input) {
  const result = spawnSync(solc, [option], { input, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`${solc} ${option}: ${result.stderr}`);
  return result.stdout;
}

const pinned = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')).devDependencies.solc;
const version = /Version: (\S+)/.exec(run('--version', ''))?.[1] ?? 'none';
if (!version.startsWith(`${pinned}+`)) {
  console.error(`solc: version ${version} (expected: ${pinned})`);
  process.exit(1);
}
const sources = Object.fromEntries(
  readdirSync(join(here, 'src')).sort().map((file) => [`src/${file}`, { content: readFileSync(join(here, 'src', file), 'utf8') }]));
const result = JSON.parse(run('--standard-json', JSON.stringify({
  language: 'Solidity',
  sources,
  settings: {
    evmVersion: 'cancun',
    metadata: { bytecodeHash: 'none' },
    optimizer: { enabled: true, runs: 200 },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
  },
})));
const complaints = result.errors ?? [];
if (complaints.length > 0) {
  complaints.forEach((e) => console.error(e.formattedMessage));
  process.exit(1);
}
mkdirSync(out, { recursive: true });
for (const contract of contracts) {
  const { abi, evm } = result.contracts[`src/${contract}.sol`][contract];
  const artifact = { contract, compiler: pinned, abi, bytecode: `0x${evm.bytecode.object}` };
  writeFileSync(join(out, `${contract}.json`), `${JSON.stringify(artifact, null, 1)}\n`);
}
