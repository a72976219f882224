package dev.weir.control.config;

import dev.weir.control.model.Mesh;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes one consistent set of objects out of what was read now and of what is in force.
 *
 * <p>A bad object keeps its version in force; so do the objects of a file that cannot be read. An object that is gone goes,
 * except a provider that a pool still names: it stays until no pool does. Objects that contradict each other fall back, the
 * changed one first, until what is left fits; as the set in force fits, this ends.
 */
final class Assembly {
    private final Map<ObjectKey, ConfigObject> inForce;
    private final Map<ObjectKey, ConfigObject> current = new TreeMap<>();
    private final Set<ConfigProblem> problems = new LinkedHashSet<>();

    /** @param inForce the objects of the last configuration, empty at the start */
    Assembly(Map<ObjectKey, ConfigObject> inForce) {
        this.inForce = inForce;
    }

    /** Objects that fit, by key; exactly one mesh, or none when there never was a right one. */
    Map<ObjectKey, ConfigObject> objects() {
        return current;
    }

    Set<ConfigProblem> problems() {
        return problems;
    }

    /**
     * @param good objects that are right in themselves
     * @param bad objects that are not
     * @param unclear files whose other objects are not known; "" = all
     */
    void assemble(Map<ObjectKey, ConfigObject> good, Set<ObjectKey> bad, Set<String> unclear) {
        current.putAll(good);
        for (ConfigObject object : inForce.values()) {
            boolean untold =
                    unclear.contains("") || unclear.contains(object.source().file());
            if (bad.contains(object.key()) || untold) {
                current.putIfAbsent(object.key(), object);
            }
        }
        boolean told =
                unclear.isEmpty() && bad.stream().noneMatch(key -> key.kind().equals(ObjectKey.MESH));
        mesh(good, told);
        // every round moves at least one object a step towards the set in force
        int most = 3 * (current.size() + inForce.size());
        for (int round = 0; round <= most; round++) {
            List<CrossCheck.Fault> faults = CrossCheck.of(current);
            if (faults.isEmpty()) {
                return;
            }
            // that an object is missed which is refused, or may be in a file that can't be read, is no problem of its
            // own
            faults.stream()
                    .filter(fault -> fault.missing()
                            .filter(key -> bad.contains(key) || !unclear.isEmpty())
                            .isEmpty())
                    .forEach(fault -> problems.add(fault.problem()));
            faults.forEach(this::mend);
        }
        throw new IllegalStateException("configuration objects do not settle: " + problems);
    }

    /** @param told whether a mesh that is not in {@code good} is nowhere */
    private void mesh(Map<ObjectKey, ConfigObject> good, boolean told) {
        List<ConfigObject> found =
                good.values().stream().filter(o -> o.value() instanceof Mesh).toList();
        Optional<ConfigObject> running =
                inForce.values().stream().filter(o -> o.value() instanceof Mesh).findFirst();
        if (found.size() > 1) {
            found.forEach(o ->
                    problems.add(o.source().problem("", Optional.of(o.key().toString()), "one Mesh in all files")));
        } else if (found.isEmpty() && told) {
            problems.add(new ConfigProblem("", 0, ObjectKey.MESH, "", Optional.empty(), "one object of kind Mesh"));
        }
        Optional<ConfigObject> chosen = found.size() == 1
                ? Optional.of(running.map(old -> RestartBound.keep(old, found.get(0), problems))
                        .orElse(found.get(0)))
                : running;
        current.keySet().removeIf(k -> k.kind().equals(ObjectKey.MESH));
        chosen.ifPresent(o -> current.put(o.key(), o));
    }

    private void mend(CrossCheck.Fault fault) {
        ConfigObject object = current.get(fault.key());
        if (object == null) {
            return; // another fault of this round already took it out
        }
        boolean changed = changed(object);
        if (!changed && fault.missing().isPresent()) {
            ObjectKey missing = fault.missing().get();
            ConfigObject deleted = inForce.get(missing);
            if (deleted != null) {
                current.put(missing, deleted);
                return;
            }
        }
        if (!changed && fault.rival().isPresent()) {
            fallBack(fault.rival().get());
        } else {
            fallBack(fault.key());
            fault.rival().map(current::get).filter(this::changed).ifPresent(rival -> fallBack(rival.key()));
        }
    }

    private void fallBack(ObjectKey key) {
        ConfigObject old = inForce.get(key);
        ConfigObject now = current.get(key);
        if (old != null && now != null && changed(now)) {
            current.put(key, old);
        } else if (!key.kind().equals(ObjectKey.MESH)) { // without one nothing else could be looked at
            current.remove(key);
        }
    }

    private boolean changed(ConfigObject object) {
        ConfigObject old = inForce.get(object.key());
        return old == null || !old.value().equals(object.value());
    }
}
