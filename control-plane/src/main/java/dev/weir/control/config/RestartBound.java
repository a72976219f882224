package dev.weir.control.config;

import dev.weir.control.model.Access;
import dev.weir.control.model.CapacitySource;
import dev.weir.control.model.Mesh;
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
        report(fresh, "spec.xds.listen", old.xdsListen(), now.xdsListen(), problems);
        report(fresh, "spec.admin.listen", old.adminListen(), now.adminListen(), problems);
        boolean otherProof = !proof(old.xdsAccess()).equals(proof(now.xdsAccess()));
        boolean otherLogin = !proof(old.adminAccess()).equals(proof(now.adminAccess()));
        report(fresh, "spec.admin", proof(old.adminAccess()), proof(now.adminAccess()), problems);
        report(fresh, "spec.xds", proof(old.xdsAccess()), proof(now.xdsAccess()), problems);
        report(fresh, "spec.store.path", old.store().path(), now.store().path(), problems);
        report(fresh, "spec.store.reserve", old.store().reserve(), now.store().reserve(), problems);
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
                old.xdsListen(),
                old.adminListen(),
                otherLogin ? old.adminAccess() : now.adminAccess(),
                otherProof ? old.xdsAccess() : now.xdsAccess(),
                old.store(),
                now.policy(),
                now.tick(),
                now.loadReportInterval(),
                old.capacity(),
                now.requestBodyLimit(),
                now.targetUtilisation(),
                now.priceTimeConstant(),
                now.priceInterval(),
                now.publicSignal(),
                now.cors(),
                now.consumers());
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
