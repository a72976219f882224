package dev.weir.weights;

import dev.weir.weights.Observation.MemberInput;
import dev.weir.weights.Observation.PoolInput;
import dev.weir.weights.Observation.ProviderInput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes observations: a mesh whose numbers a test sets, and a clock that it moves. */
final class MeshFake {
    static final long TICK = 250_000_000L;

    final Map<String, Provider> providers = new LinkedHashMap<>();
    final Map<String, Pool> pools = new LinkedHashMap<>();
    long now = 1_000_000_000L;
    boolean hold;

    /** A provider's numbers. */
    static final class Provider {
        double declared;
        int slots;
        long ageNanos = 125_000_000L;
        double cost;
        boolean draining;
        /** Most that may count; as declared unless set. */
        double most = Double.NaN;

        Provider(double declared, int slots) {
            this.declared = declared;
            this.slots = slots;
        }
    }

    /** A pool's numbers. */
    static final class Pool {
        long minPrice = 100;
        double work = 1;
        final Map<String, Member> members = new LinkedHashMap<>();

        Member member(String id) {
            Member member = members.get(id);
            if (member == null) {
                throw new IllegalArgumentException(id);
            }
            return member;
        }
    }

    /** What is seen of a member; counts are per tick and stay as set. */
    static final class Member {
        long inFlight;
        long first;
        long completed;
        long failed;
        boolean retryOnly;
        int refusal;
        /** Mean duration of the completions; what Little's law says unless set. */
        double seconds = Double.NaN;

        long flowing;
        long unheard;

        private MemberInput input(String id) {
            double littles = completed > 0 ? inFlight * TICK * 1e-9 / completed : 0;
            double each = Double.isNaN(seconds) ? littles : seconds;
            return new MemberInput(
                    id,
                    inFlight,
                    first,
                    completed,
                    failed,
                    retryOnly,
                    refusal,
                    each * completed,
                    each * each * completed,
                    flowing,
                    unheard);
        }
    }

    /** Five unequal providers in one pool: 1x50, 2x50, 4x50, 4x40, 7x40 ms. */
    static MeshFake five() {
        MeshFake mesh = new MeshFake();
        mesh.provider("a", 20, 1).provider("b", 40, 2).provider("c", 80, 4);
        mesh.provider("d", 100, 4).provider("e", 175, 7);
        return mesh.pool("chat", "a", "b", "c", "d", "e");
    }

    MeshFake provider(String id, double declared, int slots) {
        providers.put(id, new Provider(declared, slots));
        return this;
    }

    MeshFake pool(String id, String... members) {
        Pool pool = new Pool();
        for (String member : members) {
            pool.members.put(member, new Member());
        }
        pools.put(id, pool);
        return this;
    }

    Provider provider(String id) {
        Provider provider = providers.get(id);
        if (provider == null) {
            throw new IllegalArgumentException(id);
        }
        return provider;
    }

    Pool pool(String id) {
        Pool pool = pools.get(id);
        if (pool == null) {
            throw new IllegalArgumentException(id);
        }
        return pool;
    }

    Member member(String pool, String id) {
        return pool(pool).member(id);
    }

    /** The mesh a tick later. */
    Observation next() {
        now += TICK;
        return at();
    }

    /** The mesh now. */
    Observation at() {
        List<PoolInput> poolInputs = new ArrayList<>();
        pools.forEach((id, pool) -> {
            List<MemberInput> members = new ArrayList<>();
            pool.members.forEach((member, m) -> members.add(m.input(member)));
            poolInputs.add(new PoolInput(id, members, pool.minPrice, pool.work));
        });
        List<ProviderInput> providerInputs = new ArrayList<>();
        providers.forEach((id, p) -> providerInputs.add(new ProviderInput(
                id, p.declared, Double.isNaN(p.most) ? p.declared : p.most, p.slots, p.ageNanos, p.cost, p.draining)));
        return new Observation(now, hold, poolInputs, providerInputs);
    }
}
