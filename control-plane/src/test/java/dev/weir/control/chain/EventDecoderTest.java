package dev.weir.control.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.chain.AbiReader.Malformed;
import dev.weir.control.chain.Node.RawLog;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.web3j.abi.datatypes.Address;
import org.web3j.abi.datatypes.DynamicArray;
import org.web3j.abi.datatypes.DynamicBytes;
import org.web3j.abi.datatypes.Uint;
import org.web3j.abi.datatypes.Utf8String;
import org.web3j.abi.datatypes.generated.Bytes32;

final class EventDecoderTest {
    private static final String DECLARED = "CapacityDeclared(bytes32,uint64,uint32,string[])";
    private static final String REGISTERED = "ProviderRegistered(bytes32,address,address,bytes32,string)";

    private final EventDecoder decoder = new EventDecoder(Logs.REGISTRY);

    private void refused(RawLog log, String why) {
        assertThatThrownBy(() -> decoder.decode(log))
                .isInstanceOf(Malformed.class)
                .hasMessageContaining(why);
    }

    @Test
    void reads_what_the_registry_writes() throws Exception {
        assertThat(decoder.decode(Logs.registered("gpu-1")))
                .isEqualTo(new RegistryEvent.Registered(Logs.id("gpu-1"), "gpu-1", Logs.OWNER));
        assertThat(decoder.decode(Logs.handedOver("a", Logs.STRANGER, 7)))
                .isEqualTo(new RegistryEvent.OwnerChanged(Logs.id("a"), Logs.STRANGER, BigInteger.valueOf(7)));
        assertThat(decoder.decode(Logs.released("a", Logs.OWNER))).isEqualTo(new RegistryEvent.Released(Logs.id("a")));
        BigInteger huge = BigInteger.TWO.pow(256).subtract(BigInteger.ONE);
        assertThat(decoder.decode(Logs.staked("a", 1, huge)))
                .isEqualTo(new RegistryEvent.StakeChanged(Logs.id("a"), huge));
        assertThat(decoder.decode(Logs.declared("a", 1_000_000_000_000L, 1_000_000, "x", "y/z:1", "x")))
                .isInstanceOfSatisfying(RegistryEvent.Declared.class, d -> {
                    assertThat(d.milliUnitsPerSecond()).isEqualTo(1_000_000_000_000L);
                    assertThat(d.slots()).isEqualTo(1_000_000);
                    assertThat(d.taskTypes()).containsExactly("x", "y/z:1");
                    assertThat(d.block().number()).isEqualTo(7);
                });
        assertThat(decoder.decode(Logs.withdrawn("a"))).isEqualTo(new RegistryEvent.Withdrawn(Logs.id("a")));
    }

    @Test
    void refuses_logs_of_others_and_logs_taken_back() {
        RawLog good = Logs.withdrawn("a");
        refused(
                new RawLog("0x" + "ee".repeat(20), good.topics(), good.data(), 1, Logs.ANY_HASH, 0, false),
                "address: \"0xeeee");
        refused(new RawLog(Logs.REGISTRY, good.topics(), good.data(), 1, Logs.ANY_HASH, 0, true), "removed: true");
        refused(Logs.log("Transfer(address,address,uint256)", "0x"), "no event of the registry");
        refused(new RawLog(Logs.REGISTRY, List.of(), "0x", 1, Logs.ANY_HASH, 0, false), "no event of the registry");
    }

    @Test
    void refuses_wrong_topics() {
        refused(Logs.log("CapacityWithdrawn(bytes32)", "0x"), "expected: 2 of 32 bytes");
        refused(Logs.log("CapacityWithdrawn(bytes32)", "0x", Logs.id("a"), Logs.id("b")), "expected: 2 of 32 bytes");
        refused(Logs.log("CapacityWithdrawn(bytes32)", "0x", "0x12"), "expected: 2 of 32 bytes");
        refused(
                Logs.log("OwnerChanged(bytes32,address,uint256)", "0x", Logs.id("a"), "0x" + "ff".repeat(32)),
                "256 bits (expected: at most 160)");
    }

    @Test
    void refuses_numbers_that_the_contract_would_not_take() {
        refused(Logs.declared("a", 0, 3), "milliUnitsPerSecond: 0 (expected: 1 - 1000000000000)");
        refused(Logs.declared("a", 1_000_000_000_001L, 3), "milliUnitsPerSecond");
        refused(Logs.declared("a", 1, 1_000_001), "slots: 1000001 (expected: 0 - 1000000)");
        refused(Logs.declared("a", 1, 1_000_001), "slots");
        BigInteger huge = BigInteger.TWO.pow(200);
        refused(
                Logs.log(
                        DECLARED,
                        Logs.data(new Uint(huge), new Uint(BigInteger.ONE), new DynamicArray<>(Utf8String.class)),
                        Logs.id("a")),
                "201 bits (expected: at most 64)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "a-", "A", "a.b", "a|b", "a b", "ä", "a\n", "<b>"})
    void refuses_names_that_are_no_labels(String name) {
        refused(Logs.registered(name), "name: (expected:");
    }

    @Test
    void refuses_a_name_that_its_id_does_not_belong_to() {
        RawLog log = Logs.registered("a");
        List<String> topics = new ArrayList<>(log.topics());
        topics.set(1, Logs.id("b"));
        refused(
                new RawLog(Logs.REGISTRY, topics, log.data(), 1, Logs.ANY_HASH, 0, false),
                "(expected: keccak256 of \"a\")");
    }

    @Test
    void refuses_bad_task_types() {
        refused(Logs.declared("a", 1, 1, ""), "taskTypes");
        refused(Logs.declared("a", 1, 1, "a\u0000b"), "taskTypes");
        refused(Logs.declared("a", 1, 1, "<script>"), "taskTypes");
        refused(Logs.declared("a", 1, 1, "x".repeat(64)), "more than 63");
        String[] many = new String[17];
        Arrays.fill(many, "t");
        refused(Logs.declared("a", 1, 1, many), "more than 16");
    }

    @Test
    void refuses_strings_that_are_no_utf_8() {
        byte[] broken = {(byte) 0xC3, (byte) 0x28};
        refused(
                Logs.log(
                        REGISTERED,
                        Logs.data(new Address(Logs.SIGNER), new Bytes32(new byte[32]), new DynamicBytes(broken)),
                        Logs.id("a"),
                        Logs.topic(Logs.OWNER)),
                "no UTF-8");
    }

    @Test
    void lengths_and_offsets_are_checked_before_anything_is_allocated() {
        String word = "0".repeat(63);
        String most = "7" + "f".repeat(7);
        for (String length : List.of("f".repeat(64), "0".repeat(56) + most, "0".repeat(48) + "f".repeat(16))) {
            String head = "0x" + word + "1" + word + "1" + "0".repeat(62) + "60";
            refused(Logs.log(DECLARED, head + length, Logs.id("a")), "more than 16");
            refused(Logs.log(DECLARED, "0x" + word + "1" + word + "1" + length, Logs.id("a")), "length or offset");
            refused(Logs.log(DECLARED, head + word + "1" + length, Logs.id("a")), "length or offset");
        }
    }

    @Test
    void refuses_data_that_is_no_hex_or_too_long() {
        refused(Logs.log(DECLARED, "0xzz", Logs.id("a")), "no hex");
        refused(Logs.log(DECLARED, "0x123", Logs.id("a")), "no hex");
        refused(Logs.log(DECLARED, "", Logs.id("a")), "data: 0 characters");
        refused(Logs.log(DECLARED, "0x" + "00".repeat(4097), Logs.id("a")), "at most 4096 bytes");
        refused(Logs.log(DECLARED, "0x", Logs.id("a")), "ends at byte 0");
    }

    /** Whatever is cut off or overwritten, the answer is an event within the limits or a refusal. */
    @Test
    void survives_every_truncation_and_a_hundred_thousand_mutations() {
        Random random = new Random(7);
        RawLog[] good = {Logs.registered("gpu-1"), Logs.declared("gpu-1", 5, 5, "chat", "embed", "Qwen/Qwen2.5")};
        int accepted = 0;
        for (RawLog log : good) {
            for (int end = 2; end < log.data().length(); end++) {
                accepted += tryDecode(withData(log, log.data().substring(0, end)));
            }
            for (int i = 0; i < 50_000; i++) {
                char[] data = log.data().toCharArray();
                for (int k = 0; k <= random.nextInt(4); k++) {
                    data[2 + random.nextInt(data.length - 2)] = "0123456789abcdef".charAt(random.nextInt(16));
                }
                accepted += tryDecode(withData(log, new String(data)));
            }
        }
        assertThat(accepted).as("some mutations are harmless").isPositive();
    }

    private int tryDecode(RawLog log) {
        try {
            if (decoder.decode(log) instanceof RegistryEvent.Declared declared) {
                assertThat(declared.milliUnitsPerSecond()).isBetween(1L, 1_000_000_000_000L);
                assertThat(declared.slots()).isBetween(1, 1_000_000);
                assertThat(declared.taskTypes()).hasSizeLessThanOrEqualTo(16);
            }
            return 1;
        } catch (Malformed e) {
            assertThat(e).hasMessageContaining(":");
            return 0;
        }
    }

    private static RawLog withData(RawLog log, String data) {
        return new RawLog(log.address(), log.topics(), data, 1, Logs.ANY_HASH, 0, false);
    }
}
