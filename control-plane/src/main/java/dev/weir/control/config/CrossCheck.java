package dev.weir.control.config;

import dev.weir.control.model.CapacitySource;
import dev.weir.control.model.Loopback;
import dev.weir.control.model.Mesh;
import dev.weir.control.model.Pool;
import dev.weir.control.model.Pool.Match;
import dev.weir.control.model.Provider;
import dev.weir.control.model.ProviderProxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The check of what objects say of each other: references, matches, and where capacities come from. */
final class CrossCheck {
    private final Map<ObjectKey, ConfigObject> objects;
    private final ObjectKey meshKey;
    private final Mesh mesh;
    private final List<Fault> faults = new ArrayList<>();

    /**
     * @param key the object that is wrong
     * @param missing the object that it needs
     * @param rival the object that it cannot be together with
     */
    record Fault(ObjectKey key, ConfigProblem problem, Optional<ObjectKey> missing, Optional<ObjectKey> rival) {}

    private CrossCheck(Map<ObjectKey, ConfigObject> objects, ObjectKey meshKey, Mesh mesh) {
        this.objects = objects;
        this.meshKey = meshKey;
        this.mesh = mesh;
    }

    /** What is wrong between them; nothing where there is no mesh. */
    static List<Fault> of(Map<ObjectKey, ConfigObject> objects) {
        return objects.values().stream()
                .filter(object -> object.value() instanceof Mesh)
                .findFirst()
                .map(object -> of(objects, object.key(), (Mesh) object.value()))
                .orElse(List.of());
    }

    private static List<Fault> of(Map<ObjectKey, ConfigObject> objects, ObjectKey meshKey, Mesh mesh) {
        CrossCheck check = new CrossCheck(objects, meshKey, mesh);
        Map<Match, ConfigObject> matches = new HashMap<>();
        for (ConfigObject object : objects.values()) {
            if (object.value() instanceof Provider provider) {
                check.provider(object, provider);
            } else if (object.value() instanceof Pool pool) {
                check.pool(object, pool);
                check.matches(object, pool, matches);
            }
        }
        return check.faults;
    }

    private void provider(ConfigObject object, Provider provider) {
        boolean file = mesh.capacity() instanceof CapacitySource.File;
        if (!file && provider.declared().isPresent()) {
            fault(
                    object,
                    "spec.capacity",
                    Optional.of("{...}"),
                    "nothing, because Mesh.spec.capacity.source is chain: capacities are declared there");
        }
        if (!file && provider.chain().isEmpty()) {
            fault(
                    object,
                    "spec.chain.owner",
                    Optional.empty(),
                    "the account that may speak for it, because Mesh.spec.capacity.source is chain: anybody can register"
                            + " its name there");
        }
        if (mesh.sidecars().access().tls().isPresent()
                && provider.proxy().filter(side -> side.identity().isEmpty()).isPresent()) {
            fault(
                    object,
                    "spec.sidecar.identity",
                    Optional.empty(),
                    AccessReader.IDENTITY + ", which its sidecar's certificate bears, because of Mesh.spec.xds.tls");
        }
        provider.proxy()
                .filter(side -> !side.insecure() && !Loopback.is(side.host()))
                .ifPresent(side -> elsewhere(object, side));
    }

    /** Refuses a side that can be reached from elsewhere without proof: it adds its provider's key to what comes. */
    private void elsewhere(ConfigObject object, ProviderProxy side) {
        String why = ", because " + side.host()
                + " can be reached from elsewhere; or insecure: true, which lets anybody there spend the provider's key";
        if (side.identity().isEmpty() && mesh.sidecars().access().tls().isEmpty()) {
            fault(object, "spec.sidecar.identity", Optional.empty(), AccessReader.IDENTITY + why);
        } else if (mesh.consumers().names().isEmpty()) {
            ConfigProblem problem = object.source()
                    .problem(
                            "spec.sidecar.host",
                            Optional.of(side.host()),
                            "Mesh.spec.consumers, the identities that may call it" + why);
            faults.add(new Fault(object.key(), problem, Optional.empty(), Optional.of(meshKey)));
        }
    }

    private void pool(ConfigObject object, Pool pool) {
        for (int i = 0; i < pool.members().size(); i++) {
            String name = pool.members().get(i).provider();
            ObjectKey key = new ObjectKey(ObjectKey.PROVIDER, name);
            if (!objects.containsKey(key)) {
                ConfigProblem problem = object.source()
                        .problem(
                                "spec.providers[" + i + "].provider",
                                Optional.of(name),
                                "the name of a Provider"
                                        + Nearest.to(name, names(objects.keySet()))
                                                .map(near -> "; did you mean " + near + "?")
                                                .orElse(""));
                faults.add(new Fault(object.key(), problem, Optional.of(key), Optional.empty()));
            }
        }
    }

    /** @param taken by whom, of the pools before; each model by itself */
    private void matches(ConfigObject object, Pool pool, Map<Match, ConfigObject> taken) {
        List<Match> own = pool.match() instanceof Match.Model model
                ? Stream.concat(model.names().stream(), model.aliases().keySet().stream())
                        .<Match>map(Match.Model::new)
                        .toList()
                : List.of(pool.match());
        boolean told = false;
        for (Match each : own) {
            ConfigObject rival = taken.putIfAbsent(each, object);
            if (rival != null && !told) {
                sameMatch(object, each, rival);
                told = true;
            }
        }
    }

    private void sameMatch(ConfigObject object, Match match, ConfigObject rival) {
        ConfigProblem problem = object.source()
                .problem(
                        "spec.match",
                        Optional.of(written(match)),
                        "a match of its own; " + rival.key() + " in "
                                + rival.source().file() + " has the same");
        faults.add(new Fault(object.key(), problem, Optional.empty(), Optional.of(rival.key())));
    }

    private void fault(ConfigObject object, String path, Optional<String> value, String expected) {
        faults.add(new Fault(
                object.key(), object.source().problem(path, value, expected), Optional.empty(), Optional.empty()));
    }

    private static List<String> names(Collection<ObjectKey> keys) {
        return keys.stream()
                .filter(k -> k.kind().equals(ObjectKey.PROVIDER))
                .map(ObjectKey::name)
                .toList();
    }

    private static String written(Match match) {
        if (match instanceof Match.Model model) {
            return "model: " + String.join(", ", model.names());
        }
        if (match instanceof Match.Header header) {
            return "header: " + header.name() + ": " + header.value();
        }
        return "pathPrefix: " + ((Match.PathPrefix) match).prefix();
    }
}
