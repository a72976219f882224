package dev.weir.control.chain;

/** What links a block into its chain; hashes are 0x and 64 lower-case hex digits. */
record Header(long number, String hash, String parentHash) {}
