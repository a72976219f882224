package dev.weir.control.testing;

import dev.weir.control.model.Admission;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Pool.Member;
import dev.weir.control.model.Pool.Operation;
import dev.weir.control.model.Pool.Timeouts;
import dev.weir.control.model.Retries;
import dev.weir.control.model.Work;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Makes pools for tests: one retry, price 100, one work unit per request, in the mesh, but for what is said otherwise. */
public final class PoolMaker {
    private final String name;
    private final Match match;
    private List<Operation> operations = List.of();
    private List<Member> members;
    private long minPrice = 100;
    private Work work = new Work.PerRequest();
    private Retries retries;
    private Timeouts timeouts = new Timeouts(Optional.empty(), Duration.ofSeconds(60), Duration.ofSeconds(600));
    private Optional<String> stickyHeader = Optional.empty();
    private Admission admission = Admission.MESH;

    private PoolMaker(String name, Match match, List<Member> members) {
        this.name = name;
        this.match = match;
        this.members = members;
        retries = Retries.of(1, match);
    }

    /** @param providers its members, in this order */
    public static PoolMaker pool(String name, Match match, String... providers) {
        return new PoolMaker(
                name,
                match,
                Arrays.stream(providers)
                        .map(each -> new Member(each, Optional.empty(), false))
                        .toList());
    }

    /** The same as {@code pool}. */
    public static PoolMaker like(Pool pool) {
        PoolMaker maker = new PoolMaker(pool.name(), pool.match(), pool.members());
        maker.operations = pool.operations();
        maker.minPrice = pool.minPrice();
        maker.work = pool.work();
        maker.retries = pool.retries();
        maker.timeouts = pool.timeouts();
        maker.stickyHeader = pool.stickyHeader();
        maker.admission = pool.admission();
        return maker;
    }

    public PoolMaker members(List<Member> value) {
        members = value;
        return this;
    }

    /** @param each {@code METHOD /path} */
    public PoolMaker operations(String... each) {
        operations = Arrays.stream(each)
                .map(text -> text.split(" ", 2))
                .map(parts -> new Operation(parts[0], parts[1]))
                .toList();
        return this;
    }

    public PoolMaker work(Work value) {
        work = value;
        return this;
    }

    public PoolMaker retries(Retries value) {
        retries = value;
        return this;
    }

    /** So many of them, for the same reasons. */
    public PoolMaker retries(int count) {
        return retries(new Retries(count, retries.conditions(), retries.statuses()));
    }

    public PoolMaker perTry(Duration timeout) {
        timeouts = new Timeouts(Optional.of(timeout), timeouts.perTryIdle(), timeouts.maxStream());
        return this;
    }

    /** How long an attempt may be silent, and a call may last. */
    public PoolMaker lasting(Duration perTryIdle, Duration maxStream) {
        timeouts = new Timeouts(timeouts.perTry(), perTryIdle, maxStream);
        return this;
    }

    public PoolMaker sticky(String header) {
        stickyHeader = Optional.of(header);
        return this;
    }

    public PoolMaker admission(Admission value) {
        admission = value;
        return this;
    }

    public Pool make() {
        return new Pool(name, match, operations, members, minPrice, work, retries, timeouts, stickyHeader, admission);
    }
}
