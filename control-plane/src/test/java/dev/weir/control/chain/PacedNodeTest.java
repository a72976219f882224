package dev.weir.control.chain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PacedNodeTest {
    private long nanos;
    private final FakeNode fake = new FakeNode();
    private final PacedNode node = new PacedNode(fake, () -> nanos, wait -> nanos += wait);

    @Test
    void a_burst_goes_at_once_and_what_follows_at_the_rate() throws Exception {
        for (int i = 0; i < PacedNode.BURST; i++) {
            node.head();
        }
        assertThat(nanos).isZero();
        for (int i = 0; i < 10 * PacedNode.PER_SECOND; i++) {
            node.header(0);
        }
        assertThat(nanos).isEqualTo(10_000_000_000L);
        assertThat(fake.calls).hasSize(PacedNode.BURST + 10 * PacedNode.PER_SECOND);
    }

    @Test
    void a_pause_saves_up_one_burst_and_no_more() throws Exception {
        node.head();
        nanos += 3_600_000_000_000L;
        long before = nanos;
        for (int i = 0; i < PacedNode.BURST + PacedNode.PER_SECOND; i++) {
            node.chainId();
        }
        assertThat(nanos - before).isEqualTo(1_000_000_000L);
    }
}
