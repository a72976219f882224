package dev.weir.control.chain;

import dev.weir.control.chain.AbiReader.Malformed;
import dev.weir.control.chain.Node.RawLog;
import dev.weir.control.model.Declarations.Block;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.web3j.crypto.Hash;

/**
 * Logs of one {@code CapacityRegistry} to events. A log that the contract cannot have written is refused: what a node says
 * is checked as if the node had made it up.
 */
final class EventDecoder {
    /** 16 task types of 63 bytes take 2.2 KB; a provider name less. */
    private static final int MAX_DATA_BYTES = 4096;

    private static final int MAX_NAME = 63;
    private static final int MAX_TASK_TYPES = 16;
    private static final long MAX_MILLI_UNITS = 1_000_000_000_000L;
    static final int MAX_SLOTS = 1_000_000;
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern TASK_TYPE = Pattern.compile("[a-zA-Z0-9._/:-]{1,63}");
    private static final Pattern WORD = Pattern.compile("0x[0-9a-f]{64}");

    private final String registry;
    private final Map<String, Kind> kinds = new HashMap<>();

    /** @param registry address, 0x and 40 lower-case hex digits */
    EventDecoder(String registry) {
        this.registry = registry;
        for (Kind kind : Kind.values()) {
            kinds.put(kind.topic, kind);
        }
    }

    /** Those of the registry's events that say what counts: their signatures and the number of their topics. */
    enum Kind {
        REGISTERED("ProviderRegistered(bytes32,address,address,bytes32,string)", 3),
        OWNER("OwnerChanged(bytes32,address,uint256)", 3),
        RELEASED("ProviderReleased(bytes32,address,uint256,uint64)", 3),
        STAKED("Staked(bytes32,uint256,uint256)", 2),
        UNSTAKE_REQUESTED("UnstakeRequested(bytes32,uint256,uint256,uint256,uint64)", 2),
        DECLARED("CapacityDeclared(bytes32,uint64,uint32,string[])", 2),
        WITHDRAWN("CapacityWithdrawn(bytes32)", 2);

        final String signature;
        /** keccak256 of the signature, the first topic. */
        final String topic;

        final int topics;

        Kind(String signature, int topics) {
            this.signature = signature;
            this.topic = Hash.sha3String(signature);
            this.topics = topics;
        }
    }

    RegistryEvent decode(RawLog log) throws Malformed {
        if (log.removed()) {
            throw new Malformed("removed: true (expected: a log of the chain)");
        }
        if (!log.address().equals(registry)) {
            throw new Malformed("address: \"" + log.address() + "\" (expected: " + registry + ")");
        }
        List<String> topics = log.topics();
        Kind kind = topics.isEmpty() ? null : kinds.get(topics.get(0));
        if (kind == null) {
            throw new Malformed("topics[0]: no event of the registry");
        }
        if (topics.size() != kind.topics
                || !topics.stream().allMatch(topic -> WORD.matcher(topic).matches())) {
            throw new Malformed("topics: (expected: " + kind.topics + " of 32 bytes for " + kind.signature + ")");
        }
        return decode(kind, topics, new AbiReader(log.data(), MAX_DATA_BYTES), log);
    }

    private static RegistryEvent decode(Kind kind, List<String> topics, AbiReader data, RawLog log) throws Malformed {
        String id = topics.get(1);
        return switch (kind) {
            case REGISTERED ->
                new RegistryEvent.Registered(id, name(id, data.string(64, 0, MAX_NAME)), topicAddress(topics));
            case OWNER -> new RegistryEvent.OwnerChanged(id, topicAddress(topics), data.unsigned(0, 256));
            case RELEASED -> new RegistryEvent.Released(id);
            case STAKED, UNSTAKE_REQUESTED -> new RegistryEvent.StakeChanged(id, data.unsigned(32, 256));
            case DECLARED ->
                new RegistryEvent.Declared(
                        id,
                        between(data.unsigned(0, 64), MAX_MILLI_UNITS, "milliUnitsPerSecond"),
                        (int) upTo(data.unsigned(32, 32), MAX_SLOTS, "slots"),
                        taskTypes(data.strings(64, MAX_TASK_TYPES, MAX_NAME)),
                        new Block(log.blockNumber(), log.blockHash()));
            case WITHDRAWN -> new RegistryEvent.Withdrawn(id);
        };
    }

    private static String name(String id, String name) throws Malformed {
        if (!NAME.matcher(name).matches()) {
            throw new Malformed("name: (expected: 1-63 of a-z, 0-9 and hyphen)");
        }
        if (!Hash.sha3String(name).equals(id)) {
            throw new Malformed("id: \"" + id + "\" (expected: keccak256 of \"" + name + "\")");
        }
        return name;
    }

    private static List<String> taskTypes(List<String> types) throws Malformed {
        for (String type : types) {
            if (!TASK_TYPE.matcher(type).matches()) {
                throw new Malformed("taskTypes: (expected: 1-63 of letters, digits and . _ / : -)");
            }
        }
        return types.stream().distinct().toList();
    }

    private static long between(BigInteger value, long max, String what) throws Malformed {
        if (value.signum() == 0 || value.compareTo(BigInteger.valueOf(max)) > 0) {
            throw new Malformed(what + ": " + value + " (expected: 1 - " + max + ")");
        }
        return value.longValueExact();
    }

    private static long upTo(BigInteger value, long max, String what) throws Malformed {
        if (value.compareTo(BigInteger.valueOf(max)) > 0) {
            throw new Malformed(what + ": " + value + " (expected: 0 - " + max + ")");
        }
        return value.longValueExact();
    }

    private static String topicAddress(List<String> topics) throws Malformed {
        return new AbiReader(topics.get(2), 32).address(0);
    }
}
