package dev.weir.control.chain;

import java.math.BigInteger;
import java.util.List;
import java.util.regex.Pattern;
import org.web3j.abi.FunctionEncoder;
import org.web3j.abi.datatypes.Address;
import org.web3j.abi.datatypes.DynamicArray;
import org.web3j.abi.datatypes.Function;
import org.web3j.abi.datatypes.Type;
import org.web3j.abi.datatypes.Utf8String;
import org.web3j.abi.datatypes.generated.Bytes32;
import org.web3j.abi.datatypes.generated.Uint256;
import org.web3j.abi.datatypes.generated.Uint32;
import org.web3j.abi.datatypes.generated.Uint64;
import org.web3j.crypto.Hash;
import org.web3j.utils.Numeric;

/** Calls of a {@code CapacityRegistry}. Amounts are atomic units of the staked token. */
public record RegistryContract(String address) {
    private static final Pattern ADDRESS = Pattern.compile("0x[0-9a-fA-F]{40}");

    public RegistryContract {
        requireAddress("registry", address);
    }

    /**
     * @param token the ERC-20 that is staked
     * @param minStake stake that stands for every registered name
     * @param unbondingSeconds between asking for stake back and getting it
     */
    public static Call deploy(String token, BigInteger minStake, long unbondingSeconds) {
        requireAddress("token", token);
        if (unbondingSeconds < 0) {
            throw new IllegalArgumentException("unbonding: " + unbondingSeconds + " s (expected: 0 or more)");
        }
        String arguments = FunctionEncoder.encodeConstructor(
                List.of(new Address(token), new Uint256(minStake), new Uint64(unbondingSeconds)));
        return new Call("deploy registry", "", Artifact.REGISTRY.bytecode() + arguments);
    }

    /**
     * @param signer key that may declare besides the owner
     * @param endpoint the provider's URL; only its hash goes on-chain
     * @param stake taken from the sender's allowance, the minimum stake at least
     */
    public Call register(String provider, String signer, String endpoint, BigInteger stake) {
        requireAddress("signer", signer);
        return call(
                "register " + provider,
                "register",
                new Utf8String(provider),
                new Address(signer),
                bytes32(Hash.sha3String(endpoint)),
                new Uint256(stake));
    }

    /** Hands a name and its stake over; what was declared ends, and the new owner is the signer. */
    public Call setOwner(String provider, String owner) {
        requireAddress("owner", owner);
        return call("new owner of " + provider, "setOwner", id(provider), new Address(owner));
    }

    /** Gives a name back. */
    public Call release(String provider) {
        return call("release " + provider, "release", id(provider));
    }

    /** Pays out the stake of the sender's released names. */
    public Call withdrawReleased() {
        return call("withdraw stake of released names", "withdrawReleased");
    }

    public Call stake(String provider, BigInteger amount) {
        return call("stake for " + provider, "stake", id(provider), new Uint256(amount));
    }

    public Call requestUnstake(String provider, BigInteger amount) {
        return call("unstake of " + provider, "requestUnstake", id(provider), new Uint256(amount));
    }

    public Call withdrawStake(String provider) {
        return call("withdraw stake of " + provider, "withdrawStake", id(provider));
    }

    /**
     * @param workUnitsPerSecond at least 0.001; counted in thousandths
     * @param slots 0 = not declared
     */
    public Call declare(String provider, double workUnitsPerSecond, int slots, List<String> taskTypes) {
        double milli = Math.rint(workUnitsPerSecond * 1000);
        if (!(milli >= 1 && milli <= 1e12)) {
            throw new IllegalArgumentException("capacity: " + workUnitsPerSecond + " (expected: 0.001 - 1e9)");
        }
        if (slots < 0 || slots > EventDecoder.MAX_SLOTS) {
            throw new IllegalArgumentException("slots: " + slots + " (expected: 0 - " + EventDecoder.MAX_SLOTS + ")");
        }
        return call(
                "declare " + provider,
                "declare",
                id(provider),
                new Uint64((long) milli),
                new Uint32(slots),
                new DynamicArray<>(
                        Utf8String.class,
                        taskTypes.stream().map(Utf8String::new).toList()));
    }

    public Call withdrawCapacity(String provider) {
        return call("withdraw capacity of " + provider, "withdrawCapacity", id(provider));
    }

    /** Answers the staked token's address. */
    public Call token() {
        return call("token", "token");
    }

    /** Answers the least stake of a name. */
    public Call minStake() {
        return call("minimum stake", "minStake");
    }

    /** Answers a provider's record. */
    Call providerOf(String provider) {
        return call("provider " + provider, "providerOf", id(provider));
    }

    private Call call(String what, String function, Type<?>... arguments) {
        return new Call(what, address, FunctionEncoder.encode(new Function(function, List.of(arguments), List.of())));
    }

    private static Bytes32 id(String provider) {
        return bytes32(Hash.sha3String(provider));
    }

    private static Bytes32 bytes32(String hex) {
        return new Bytes32(Numeric.hexStringToByteArray(hex));
    }

    static void requireAddress(String what, String text) {
        if (!ADDRESS.matcher(text).matches()) {
            throw new IllegalArgumentException(what + ": \"" + text + "\" (expected: 0x and 40 hex digits)");
        }
    }
}
