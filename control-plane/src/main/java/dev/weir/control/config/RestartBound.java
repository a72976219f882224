package dev.weir.control.config;

import dev.weir.control.model.Access;
import dev.weir.control.model.CapacitySource;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Store;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * The fields of a running mesh that only a restart changes: until then they stay as they are, and a problem says so. What files
 * hold, certificates and tokens, changes without one.
 */
final class RestartBound {
    private RestartBound() {}

    /** {@code fresh} with those fields as they are in {@code running}. */
    static ConfigObject keep(ConfigObject running, ConfigObject fresh, Set<ConfigProblem> problems) {
        Mesh old = (Mesh) running.value();
        Mesh now = (Mesh) fresh.value();
        report(fresh, "metadata.name", old.name(), now.name(), problems);
        report(fresh, "spec.xds.listen", old.sidecars().listen(), now.sidecars().listen(), problems);
        report(fresh, "spec.admin.listen", old.admin().listen(), now.admin().listen(), problems);
        boolean otherProof =
                !proof(old.sidecars().access()).equals(proof(now.sidecars().access()));
        boolean otherLogin =
                !proof(old.admin().access()).equals(proof(now.admin().access()));
        report(
                fresh,
                "spec.admin",
                proof(old.admin().access()),
                proof(now.admin().access()),
                problems);
        report(
                fresh,
                "spec.xds",
                proof(old.sidecars().access()),
                proof(now.sidecars().access()),
                problems);
        Store.Sqlite was = (Store.Sqlite) old.store().place();
        Store.Sqlite is = (Store.Sqlite) now.store().place();
        report(fresh, "spec.store.path", was.path(), is.path(), problems);
        report(fresh, "spec.store.reserve", was.reserve(), is.reserve(), problems);
        report(fresh, "spec.store.keep", old.store().keep(), now.store().keep(), problems);
        report(fresh, "spec.store.export", old.store().export(), now.store().export(), problems);
        report(
                fresh,
                "spec.store.keepExports",
                old.store().keepExports(),
                now.store().keepExports(),
                problems);
        report(fresh, "spec.capacity", old.capacity(), now.capacity(), problems);
        Mesh kept = new Mesh(
                old.name(),
                new Mesh.Port(
                        old.sidecars().listen(),
                        (otherProof ? old : now).sidecars().access()),
                new Mesh.Port(
                        old.admin().listen(), (otherLogin ? old : now).admin().access()),
                now.consumers(),
                old.store(),
                now.control(),
                old.capacity(),
                now.pricing(),
                now.agents());
        return new ConfigObject(running.key(), fresh.source(), kept);
    }

    private static String proof(Access access) {
        return access.tls().isPresent() ? "tls" : access.insecure() ? "insecure" : "plain text";
    }

    private static void report(ConfigObject fresh, String path, Object old, Object now, Set<ConfigProblem> problems) {
        if (!old.equals(now)) {
            String expected = written(old) + ", which is running; a change needs a restart";
            problems.add(fresh.source().problem(path, Optional.of(written(now)), expected));
        }
    }

    private static String written(Object value) {
        if (value instanceof Optional<?> optional) {
            return optional.map(RestartBound::written).orElse("none");
        }
        if (value instanceof Duration duration) {
            return DurationText.write(duration);
        }
        return value instanceof InetSocketAddress address
                ? address.getHostString() + ":" + address.getPort()
                : value instanceof CapacitySource.File ? "file" : value.toString();
    }
}
