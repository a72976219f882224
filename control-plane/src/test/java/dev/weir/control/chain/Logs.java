package dev.weir.control.chain;

import dev.weir.control.chain.Node.Header;
import dev.weir.control.chain.Node.RawLog;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.web3j.abi.FunctionEncoder;
import org.web3j.abi.datatypes.Address;
import org.web3j.abi.datatypes.DynamicArray;
import org.web3j.abi.datatypes.Type;
import org.web3j.abi.datatypes.Utf8String;
import org.web3j.abi.datatypes.generated.Bytes32;
import org.web3j.abi.datatypes.generated.Uint256;
import org.web3j.abi.datatypes.generated.Uint32;
import org.web3j.abi.datatypes.generated.Uint64;
import org.web3j.crypto.Hash;

/** Logs as the registry writes them, encoded by web3j. */
final class Logs {
    static final String REGISTRY = "0x" + "ab".repeat(20);
    static final String OWNER = "0x" + "0a".repeat(20);
    static final String STRANGER = "0x" + "0e".repeat(20);
    static final String SIGNER = "0x" + "0b".repeat(20);
    static final String ENDPOINT = "0x" + "0c".repeat(32);
    static final String ANY_HASH = "0x" + "0d".repeat(32);

    private Logs() {}

    static String id(String provider) {
        return Hash.sha3String(provider);
    }

    /** All these names, for {@link #OWNER}. */
    static Names names(String... names) {
        return Names.of(owners(names));
    }

    static Map<String, String> owners(String... names) {
        return Arrays.stream(names).collect(Collectors.toMap(name -> name, name -> OWNER));
    }

    static RawLog registered(String provider) {
        return registered(provider, OWNER);
    }

    static RawLog registered(String provider, String owner) {
        return log(
                "ProviderRegistered(bytes32,address,address,bytes32,string)",
                data(new Address(SIGNER), new Bytes32(new byte[32]), new Utf8String(provider)),
                id(provider),
                topic(owner));
    }

    static RawLog handedOver(String provider, String owner, long staked) {
        return log(
                "OwnerChanged(bytes32,address,uint256)",
                data(new Uint256(BigInteger.valueOf(staked))),
                id(provider),
                topic(owner));
    }

    static RawLog released(String provider, String owner) {
        return log(
                "ProviderReleased(bytes32,address,uint256,uint64)",
                data(new Uint256(BigInteger.ONE), new Uint64(1)),
                id(provider),
                topic(owner));
    }

    static RawLog staked(String provider, long amount, BigInteger staked) {
        return log(
                "Staked(bytes32,uint256,uint256)",
                data(new Uint256(BigInteger.valueOf(amount)), new Uint256(staked)),
                id(provider));
    }

    static RawLog declared(String provider, long milli, long slots, String... types) {
        return log(
                "CapacityDeclared(bytes32,uint64,uint32,string[])",
                data(
                        new Uint64(milli),
                        new Uint32(slots),
                        new DynamicArray<>(
                                Utf8String.class,
                                Arrays.stream(types).map(Utf8String::new).toList())),
                id(provider));
    }

    static RawLog withdrawn(String provider) {
        return log("CapacityWithdrawn(bytes32)", "0x", id(provider));
    }

    static RawLog log(String signature, String data, String... indexed) {
        String[] topics = new String[indexed.length + 1];
        topics[0] = Hash.sha3String(signature);
        System.arraycopy(indexed, 0, topics, 1, indexed.length);
        return new RawLog(REGISTRY, List.of(topics), data, 7, ANY_HASH, 0, false);
    }

    static String topic(String address) {
        return "0x" + "0".repeat(24) + address.substring(2);
    }

    @SuppressWarnings("rawtypes") // web3j's own signature
    static String data(Type... values) {
        return "0x" + FunctionEncoder.encodeConstructor(Arrays.<Type>asList(values));
    }

    static RawLog in(RawLog log, Header block, long index) {
        return new RawLog(log.address(), log.topics(), log.data(), block.number(), block.hash(), index, log.removed());
    }
}
