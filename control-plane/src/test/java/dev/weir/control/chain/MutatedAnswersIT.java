package dev.weir.control.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.model.CapacitySource;
import dev.weir.control.model.Declarations;
import dev.weir.control.model.Declarations.Declaration;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A real anvil's answers, changed on their way: the reader says what is wrong, keeps what is confirmed, and knows all once
 * the answers are right again. {@code -Dweir.seed=S} draws others.
 */
@Timeout(900)
final class MutatedAnswersIT {
    private static final long SEED = Long.getLong("weir.seed", 1);
    private static final int TIMES = Boolean.getBoolean("weir.full") ? 20 : 1;
    private static final int READERS = 100 * TIMES;
    private static final int BLOCKS = 150 * TIMES;
    private static final int POLLS = 20;
    private static final int CONFIRMATIONS = 2;

    private final List<Declarations> said = new ArrayList<>();

    @Test
    void whatever_a_node_answers_the_reader_lives_and_knows_all_afterwards() throws Exception {
        try (DevChain chain = DevChain.start()) {
            Deployment deployment = chain.deploy();
            chain.onboard(deployment, "alpha", "beta");
            Map<String, String> owners = chain.owners("alpha", "beta");
            try (DevChain.Stopped stopped = chain.stopMining();
                    MutatingNode node = new MutatingNode(chain.anvil.rpc(), SEED)) {
                chain.mine(CONFIRMATIONS);
                Map<String, Declaration> right =
                        read(reader(node, deployment, owners)).byProvider();
                assertThat(right).containsOnlyKeys("alpha", "beta");
                readersStart(node, deployment, owners, right);
                blocksCome(stopped, node, reader(node, deployment, owners), right);
                System.out.println("MutatedAnswersIT: " + node.mutations() + " changed answers");
                assertThat(node.mutations()).isGreaterThan(READERS);
            }
        }
    }

    private void readersStart(
            MutatingNode node, Deployment deployment, Map<String, String> owners, Map<String, Declaration> right)
            throws IOException {
        for (int i = 0; i < READERS; i++) {
            ChainReader reader = reader(node, deployment, owners);
            node.setShare(0.15);
            for (int poll = 0; poll < 4; poll++) {
                reader.poll();
            }
            node.setShare(0);
            assertThat(read(reader).byProvider()).as("reader %d", i).isEqualTo(right);
        }
    }

    private void blocksCome(
            DevChain.Stopped stopped, MutatingNode node, ChainReader reader, Map<String, Declaration> right)
            throws IOException, NodeException {
        read(reader);
        for (int i = 0; i < BLOCKS; i++) {
            stopped.mine();
            node.forget();
            node.setShare(0.5);
            said.clear();
            reader.poll();
            node.setShare(0);
            assertThat(said)
                    .as("block %d", i)
                    .allSatisfy(each -> assertThat(each.byProvider()).isEqualTo(right));
        }
        assertThat(read(reader).byProvider()).isEqualTo(right);
    }

    private ChainReader reader(MutatingNode node, Deployment deployment, Map<String, String> owners) {
        CapacitySource.Chain source = new CapacitySource.Chain(
                node.rpc(),
                Anvil.DEFAULT_CHAIN_ID,
                deployment.registry(),
                CONFIRMATIONS,
                0,
                Duration.ofMillis(1),
                OptionalDouble.of(1));
        return new ChainReader(
                new EthNode(new HttpRpc(node.rpc(), Duration.ofSeconds(5), ChainReader.MAX_ANSWER_BYTES)),
                source,
                owners,
                this::hear,
                System::currentTimeMillis,
                new RpcBackoff(Duration.ofMillis(1), Duration.ofMillis(1), new Random(SEED)));
    }

    private void hear(Declarations declarations) {
        declarations
                .problem()
                .ifPresent(problem -> assertThat(problem)
                        .startsWith("chain: ")
                        .hasSizeLessThan(700)
                        .doesNotContainPattern("\\p{Cntrl}"));
        said.add(declarations);
    }

    /** What it says once a poll went well. */
    private Declarations read(ChainReader reader) throws IOException {
        for (int poll = 0; poll < POLLS; poll++) {
            said.clear();
            long failures = reader.stats().failures();
            reader.poll();
            if (!said.isEmpty()
                    && said.get(said.size() - 1).problem().isEmpty()
                    && reader.stats().failures() == failures) {
                return said.get(said.size() - 1);
            }
        }
        throw new IOException("no good poll: " + said);
    }
}
