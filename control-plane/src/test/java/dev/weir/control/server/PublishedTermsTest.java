package dev.weir.control.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.control.envoy.Meshes;
import dev.weir.control.model.Config;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Image;
import dev.weir.control.model.Mesh.Policy;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.store.Database;
import dev.weir.control.store.SqlDecisionStore;
import dev.weir.control.store.SqliteDatabase;
import dev.weir.control.usage.Doubt;
import dev.weir.weights.Proposal;
import dev.weir.weights.Proposal.Announcement;
import dev.weir.weights.Proposal.Member;
import dev.weir.weights.Proposal.PoolProposal;
import dev.weir.xds.telemetry.AccessRecord;
import dev.weir.xds.telemetry.AccessRecord.Kind;
import dev.weir.xds.testing.RecordMaker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What records say is held against what was published, before a restart as well. */
final class PublishedTermsTest {
    private static final Pool POOL = Meshes.pool("m", new Match.Model("m"), "a", "b");
    private static final Config CONFIG =
            Meshes.config(Policy.WATER_FILLING, List.of(Meshes.provider("a", 1), Meshes.provider("b", 2)), POOL);

    private Database database;
    private SqlDecisionStore store;

    @BeforeEach
    void open(@TempDir Path directory) {
        database = SqliteDatabase.open(directory.resolve("weir.db"));
        store = new SqlDecisionStore(database);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static Decision decision(long term, long sequence, long price, long number) {
        return decision(term, sequence, price, number, "a", "b");
    }

    private static Decision decision(long term, long sequence, long price, long number, String... members) {
        PoolProposal pool = new PoolProposal(
                "m",
                IntStream.range(0, members.length)
                        .mapToObj(i -> new Member(members[i], 500_000, price + i))
                        .toList(),
                5,
                0.4,
                40,
                0.1,
                price,
                number,
                0.9);
        Decision decision = Meshes.decision(1, pool);
        return new Decision(
                new Epoch(term, sequence), decision.atMillis(), decision.observation(), decision.proposal());
    }

    private static PublishedTerms published(PublishedTerms terms, Decision... decisions) {
        for (Decision decision : decisions) {
            terms.publish(Meshes.image(1, CONFIG, decision), true);
        }
        return terms;
    }

    private static AccessRecord record(Kind kind, String pool, String provider, String epoch, long price, long number) {
        return RecordMaker.record(kind, "r", 1)
                .pool(pool)
                .provider(provider)
                .price(epoch, price, number)
                .make();
    }

    private static AccessRecord call(String pool, String provider, String epoch, long price, long number) {
        return record(Kind.CALL, pool, provider, epoch, price, number);
    }

    @Test
    void a_record_must_say_what_its_decision_says() {
        PublishedTerms terms = published(
                new PublishedTerms(store, 3), decision(3, 1, 100, 1), decision(3, 2, 100, 1), decision(3, 3, 200, 2));
        assertThat(terms.doubt(call("m", "a", "3.1", 100, 1), false)).isEmpty();
        assertThat(terms.doubt(call("m", "b", "3.2", 101, 1), false)).isEmpty();
        assertThat(terms.doubt(call("m", "a", "3.3", 200, 2), false)).isEmpty();
        assertThat(terms.doubt(call("m", "a", "3.3", 999_999, 2), false)).contains(Doubt.PRICE);
        assertThat(terms.doubt(call("m", "a", "3.1", 200, 2), false))
                .as("of a later decision")
                .contains(Doubt.PRICE);
        assertThat(terms.doubt(call("m", "a", "3.3", 200, 3), false)).contains(Doubt.PRICE);
        assertThat(terms.doubt(call("m", "b", "3.3", 200, 2), false))
                .as("of another provider")
                .contains(Doubt.PRICE);
        assertThat(terms.doubt(call("m", "z", "3.3", 200, 2), false)).contains(Doubt.PROVIDER);
        assertThat(terms.doubt(call("z", "a", "3.3", 200, 2), false)).contains(Doubt.POOL);
        for (String epoch :
                new String[] {"3.4", "3.0", "4.1", "", "x", "3", "3.-1", "-3.1", "99999999999999999999.1"}) {
            for (boolean mayWait : new boolean[] {false, true}) {
                assertThat(terms.doubt(call("m", "a", epoch, 200, 2), mayWait))
                        .as(epoch)
                        .contains(Doubt.EPOCH);
            }
        }
    }

    @Test
    void who_reached_no_provider_claims_nothing_and_attempts_owe_no_price() {
        PublishedTerms terms = published(new PublishedTerms(store, 3), decision(3, 1, 100, 1));
        assertThat(terms.doubt(call("", "", "", -1, -1), false)).isEmpty();
        assertThat(terms.doubt(record(Kind.ATTEMPT, "m", "a", "3.1", 7, 7), false))
                .isEmpty();
        assertThat(terms.doubt(record(Kind.ATTEMPT, "m", "z", "3.1", 7, 7), false))
                .contains(Doubt.PROVIDER);
        assertThat(terms.doubt(record(Kind.ATTEMPT, "m", "a", "3.2", 7, 7), false))
                .contains(Doubt.EPOCH);
    }

    @Test
    void what_an_earlier_process_published_counts() {
        for (int i = 1; i <= 80; i++) {
            store.save(decision(2, i, 100 + i, i));
        }
        PublishedTerms terms = published(new PublishedTerms(store, 3), decision(3, 1, 500, 81));
        assertThat(terms.doubt(call("m", "a", "2.80", 180, 80), false)).isEmpty();
        assertThat(terms.doubt(call("m", "a", "2.40", 140, 40), false)).isEmpty();
        // older ones are looked up, by those who may wait
        assertThat(terms.doubt(call("m", "a", "2.20", 120, 20), false)).contains(Doubt.EPOCH);
        for (int i = 0; i < 2; i++) {
            assertThat(terms.doubt(call("m", "a", "2.20", 120, 20), true)).isEmpty();
            assertThat(terms.doubt(call("m", "a", "2.20", 121, 20), true)).contains(Doubt.PRICE);
            assertThat(terms.doubt(call("m", "a", "1.7", 120, 20), true)).contains(Doubt.PRICE);
        }
    }

    @Test
    void decisions_that_a_killed_process_could_not_store_are_as_those_before_and_after() {
        store.save(decision(2, 1, 100, 1));
        PublishedTerms terms = published(new PublishedTerms(store, 3), decision(3, 1, 300, 2));
        assertThat(terms.doubt(call("m", "a", "2.3", 100, 1), false)).isEmpty();
        assertThat(terms.doubt(call("m", "a", "2.3", 300, 2), false)).isEmpty();
        assertThat(terms.doubt(call("m", "a", "2.3", 300, 1), false)).contains(Doubt.PRICE);
        assertThat(terms.doubt(call("m", "a", "2.3", 900, 1), false)).contains(Doubt.PRICE);
        assertThat(terms.doubt(call("m", "a", "3.2", 300, 2), false)).contains(Doubt.EPOCH);
    }

    @Test
    void until_this_process_has_released_one_what_it_began_with_stands_for_the_one_after() {
        store.save(decision(2, 1, 100, 1));
        PublishedTerms terms = new PublishedTerms(store, 3);
        assertThat(terms.doubt(call("m", "a", "2.3", 110, 2), true)).contains(Doubt.PRICE);
        Image first = Meshes.image(1, CONFIG, decision(2, 1, 100, 1));
        Proposal waiting = new Proposal(
                first.proposal().pools(),
                List.of(),
                new Proposal.Release(false, Set.of(), 0),
                List.of(new Announcement("m", 2, 110, Map.of("a", 110L, "b", 111L))));
        terms.publish(first(first, waiting), false);
        terms.publish(first(first, decision(2, 1, 500, 3).proposal()), false);
        assertThat(terms.doubt(call("m", "a", "2.3", 110, 2), false))
                .as("announced, and as the killed process may have released it")
                .isEmpty();
        assertThat(terms.doubt(call("m", "b", "2.3", 110, 2), false)).contains(Doubt.PRICE);
        assertThat(terms.doubt(call("m", "a", "2.3", 500, 3), false)).contains(Doubt.PRICE);
        assertThat(terms.doubt(call("m", "a", "1.3", 100, 1), true))
                .as("of a process that stored none at all")
                .isEmpty();
    }

    private static Image first(Image image, Proposal proposal) {
        return new Image(
                1, 0, image.config(), image.declarations(), Map.of(), image.decision(), proposal, Map.of(), Set.of());
    }

    @Test
    void decisions_of_a_process_that_could_store_none_are_as_those_before_and_after() {
        for (int i = 1; i <= 80; i++) {
            store.save(decision(i < 10 ? 2 : 7, i, 100 + i, i));
        }
        PublishedTerms terms = published(new PublishedTerms(store, 10), decision(10, 1, 500, 81));
        assertThat(terms.doubt(call("m", "a", "8.1", 180, 80), false)).isEmpty();
        assertThat(terms.doubt(call("m", "a", "8.1", 500, 81), false)).isEmpty();
        assertThat(terms.doubt(call("m", "a", "8.1", 179, 79), false)).contains(Doubt.PRICE);
        for (int i = 0; i < 2; i++) {
            assertThat(terms.doubt(call("m", "a", "4.2", 109, 9), true))
                    .as("looked up")
                    .isEmpty();
            assertThat(terms.doubt(call("m", "a", "4.2", 110, 10), true)).isEmpty();
            assertThat(terms.doubt(call("m", "a", "4.2", 111, 11), true)).contains(Doubt.PRICE);
            assertThat(terms.doubt(call("m", "a", "1.1", 101, 1), true))
                    .as("before all that is stored")
                    .isEmpty();
            assertThat(terms.doubt(call("m", "a", "1.1", 102, 2), true)).contains(Doubt.PRICE);
        }
        assertThat(terms.doubt(call("m", "a", "10.2", 500, 81), true))
                .as("of this process")
                .contains(Doubt.EPOCH);
    }

    @Test
    void one_that_a_full_disk_lost_between_others_is_as_those_before_and_after() {
        store.save(decision(2, 1, 100, 1));
        store.save(decision(2, 900, 110, 2));
        PublishedTerms terms = new PublishedTerms(store, 3);
        assertThat(terms.doubt(call("m", "a", "2.5", 100, 1), false)).isEmpty();
        assertThat(terms.doubt(call("m", "a", "2.5", 110, 2), false)).isEmpty();
        assertThat(terms.doubt(call("m", "a", "2.5", 105, 2), false)).contains(Doubt.PRICE);
    }

    @Test
    void what_came_between_two_stored_ones_is_known_by_the_later() {
        store.save(decision(2, 1, 100, 1, "a"));
        PublishedTerms terms = published(new PublishedTerms(store, 3), decision(3, 1, 100, 1));
        assertThat(terms.doubt(call("m", "b", "2.3", 101, 1), false))
                .as("a new member, and a kill")
                .isEmpty();
        assertThat(terms.doubt(call("m", "z", "2.3", 101, 1), false)).contains(Doubt.PROVIDER);
        assertThat(terms.doubt(call("z", "a", "2.3", 101, 1), false)).contains(Doubt.POOL);
    }

    @Test
    void of_many_decisions_the_newest_stay() {
        PublishedTerms terms = new PublishedTerms(store, 3);
        for (int i = 1; i <= 50_100; i++) {
            published(terms, decision(3, i, 100, 1));
        }
        assertThat(terms.doubt(call("m", "a", "3.50100", 100, 1), false)).isEmpty();
        assertThat(terms.doubt(call("m", "a", "3.50", 100, 1), false)).contains(Doubt.EPOCH);
        assertThat(terms.doubt(call("m", "a", "3.50", 100, 1), true)).contains(Doubt.EPOCH);
    }
}
