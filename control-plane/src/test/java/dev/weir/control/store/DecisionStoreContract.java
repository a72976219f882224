package dev.weir.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What terms and decisions may rely on, whatever database they are in. */
abstract class DecisionStoreContract {
    private Database database;

    /** The one of this test, as often as it is closed. */
    abstract Database database();

    @BeforeEach
    void open() {
        database = database();
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void terms_grow_over_restarts() {
        assertThat(new SqlDecisionStore(database).newTerm()).isEqualTo(1);
        assertThat(new SqlDecisionStore(database).newTerm()).isEqualTo(2);
        database.close();
        database = database();
        assertThat(new SqlDecisionStore(database).newTerm()).isEqualTo(3);
    }

    @Test
    void a_first_term_is_above_every_stored_decision() {
        new SqlDecisionStore(database).save(Decisions.of(8, 1));
        assertThat(new SqlDecisionStore(database).newTerm()).isEqualTo(9);
    }

    @Test
    void the_last_is_the_highest_epoch_and_survives_a_restart() {
        SqlDecisionStore store = new SqlDecisionStore(database);
        assertThat(store.last()).isEmpty();
        store.save(Decisions.of(2, 1));
        store.save(Decisions.of(1, 900));
        database.close();
        database = database();
        assertThat(new SqlDecisionStore(database).last()).contains(Decisions.of(2, 1));
    }

    @Test
    void the_ones_before_and_after_may_be_of_other_terms() {
        SqlDecisionStore store = new SqlDecisionStore(database);
        store.save(Decisions.of(1, 8));
        store.save(Decisions.of(1, 9));
        store.save(Decisions.of(3, 1));
        assertThat(store.before(new Epoch(3, 1))).contains(Decisions.of(1, 9));
        assertThat(store.before(new Epoch(1, 9))).contains(Decisions.of(1, 8));
        assertThat(store.before(new Epoch(1, 8))).isEmpty();
        assertThat(store.after(new Epoch(1, 8))).contains(Decisions.of(1, 9));
        assertThat(store.after(new Epoch(1, 9))).contains(Decisions.of(3, 1));
        assertThat(store.after(new Epoch(2, 7))).contains(Decisions.of(3, 1));
        assertThat(store.after(new Epoch(3, 1))).isEmpty();
    }

    @Test
    void saving_again_changes_nothing() {
        SqlDecisionStore store = new SqlDecisionStore(database);
        Decision first = Decisions.of(1, 1);
        store.save(first);
        store.save(first);
        store.save(Decisions.of(first.epoch(), 99));
        assertThat(store.find(first.epoch())).contains(first);
        assertThat(store.find(new Epoch(1, 2))).isEmpty();
    }

    @Test
    void a_term_from_memory_is_above_all_others_and_each_second_s_own_and_the_next_stored_one_is_above_it() {
        SqlDecisionStore store = new SqlDecisionStore(database);
        store.save(Decisions.of(8, 1)); // at 0
        long wall = Decisions.of(8, 1).atMillis() + 60_000;
        long term = store.unstoredTerm(wall);
        assertThat(term).isGreaterThan(8);
        assertThat(store.unstoredTerm(wall + 1_000)).isEqualTo(term + 1);
        assertThat(store.unstoredTerm(0)).as("a clock that was set back").isEqualTo(9);
        store.save(Decisions.of(term, 1)); // once there is room
        assertThat(store.newTerm()).isEqualTo(term + 1);
        assertThat(store.newTerm()).isEqualTo(term + 2);
    }

    @Test
    void a_damaged_row_is_an_error_of_that_row_and_no_dead_start() {
        SqlDecisionStore store = new SqlDecisionStore(database);
        store.save(Decisions.of(1, 1));
        store.save(Decisions.of(1, 2));
        int changed = database.write(handle ->
                handle.execute("UPDATE decision SET body = substr(body, 1, 200) WHERE term = 1 AND sequence = 2"));
        assertThat(changed).isEqualTo(1);
        assertThatThrownBy(() -> store.find(new Epoch(1, 2)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("decision 1.2: stored row is unreadable");
        assertThat(store.last()).contains(Decisions.of(1, 1));
    }

    @Test
    void what_an_older_version_stored_is_in_force_after_an_upgrade() throws Exception {
        String old;
        try (java.io.InputStream in =
                java.util.Objects.requireNonNull(DecisionStoreContract.class.getResourceAsStream("decision-1.json"))) {
            old = new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
        int rows = database.write(handle -> handle.execute(
                "INSERT INTO decision (term, sequence, at_millis, body) VALUES (3, 17, 1795505199894, ?)", old));
        assertThat(rows).isEqualTo(1);
        SqlDecisionStore store = new SqlDecisionStore(database);
        assertThat(store.last()).contains(Decisions.of(3, 17));
        assertThat(store.find(new Epoch(3, 17))).contains(Decisions.of(3, 17));
        assertThat(store.newTerm()).isEqualTo(4);
    }
}
