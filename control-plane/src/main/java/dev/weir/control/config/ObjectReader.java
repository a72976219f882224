package dev.weir.control.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads every object by itself: {@code apiVersion}, {@code kind}, {@code metadata.name}, {@code spec}. What objects say of
 * each other is checked later, by {@link CrossCheck}.
 */
final class ObjectReader {
    static final String API_VERSION = "weir.dev/v1alpha1";

    private static final Set<String> KINDS = Set.of(ObjectKey.MESH, ObjectKey.PROVIDER, ObjectKey.POOL);
    private static final Set<String> LATER_KINDS = Set.of("Tenant", "BudgetPolicy", "BreakerPolicy");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final int OBJECTS = 10_000;

    private final MeshReader meshes;
    private final ProviderReader providers;
    private final PoolReader pools = new PoolReader();
    private final List<ConfigProblem> problems = new ArrayList<>();
    private final Map<ObjectKey, ConfigObject> good = new TreeMap<>();
    private final Map<ObjectKey, Source> all = new LinkedHashMap<>();
    private final Set<ObjectKey> bad = new TreeSet<>();
    private final Set<String> unclear = new TreeSet<>();

    ObjectReader(Secrets secrets) {
        meshes = new MeshReader(secrets);
        providers = new ProviderReader(secrets);
    }

    /** Objects that are right in themselves. */
    Map<ObjectKey, ConfigObject> good() {
        return good;
    }

    /** Objects that are there and wrong. */
    Set<ObjectKey> bad() {
        return bad;
    }

    /** Files that may hold more objects than could be told. */
    Set<String> unclear() {
        return unclear;
    }

    List<ConfigProblem> problems() {
        return problems;
    }

    void read(String file, String text) {
        YamlText.Parsed parsed = YamlText.parse(file, text);
        parsed.documents().forEach(node -> document(file, node));
        parsed.problem().ifPresent(problem -> {
            problems.add(problem);
            unclear.add(file);
        });
    }

    private void document(String file, Node node) {
        Source source = new Source(file, node.getStartMark().getLine() + 1, problems);
        if (node instanceof ScalarNode && Tag.NULL.equals(node.getTag())) {
            return; // nothing but comments
        }
        if (!(node instanceof MappingNode mapping)) {
            source.refuse("", Optional.of("no object"), "an object with apiVersion, kind, metadata and spec");
            unclear.add(file);
            return;
        }
        int before = problems.size();
        Fields fields = new Fields(source, "", mapping);
        Optional<ObjectKey> named = key(fields);
        if (named.isEmpty()) {
            unclear.add(file);
            return;
        }
        ObjectKey key = named.get();
        Source earlier = all.putIfAbsent(key, source);
        if (earlier != null) {
            source.refuse(
                    "metadata.name",
                    Optional.of(key.name()),
                    "a name of its own; it is used in " + earlier.file() + ":" + earlier.line() + " too");
        }
        if (all.size() > OBJECTS) {
            source.refuse("", Optional.of(key.toString()), "at most " + OBJECTS + " objects");
        }
        Optional<Object> value = spec(key, fields).map(spec -> value(key, spec));
        fields.end();
        if (value.isPresent() && problems.size() == before) {
            good.put(key, new ConfigObject(key, source, value.get()));
        } else {
            good.remove(key);
            bad.add(key);
        }
    }

    private static Optional<ObjectKey> key(Fields fields) {
        for (String field : List.of("apiVersion", "kind", "metadata")) {
            if (!fields.has(field)) {
                fields.missing(field, field.equals("apiVersion") ? API_VERSION : "every object has it");
            }
        }
        Optional<String> version =
                fields.text("apiVersion", API_VERSION, v -> v.equals(API_VERSION) ? Optional.of(v) : Optional.empty());
        Optional<String> kind = fields.text("kind").flatMap(text -> kind(fields, text));
        Optional<Fields> metadata = fields.object("metadata");
        Optional<String> name = metadata.flatMap(ObjectReader::name);
        metadata.ifPresent(Fields::end);
        if (version.isEmpty() || kind.isEmpty() || name.isEmpty()) {
            return Optional.empty();
        }
        ObjectKey key = new ObjectKey(kind.get(), name.get());
        fields.source().named(key);
        return Optional.of(key);
    }

    private static Optional<String> kind(Fields fields, String text) {
        if (KINDS.contains(text)) {
            return Optional.of(text);
        }
        String known = String.join(", ", new TreeSet<>(KINDS));
        fields.refuse(
                "kind",
                Optional.of(text),
                LATER_KINDS.contains(text)
                        ? "one of " + known + "; " + text + " is not supported by this version"
                        : Nearest.to(text, KINDS)
                                .map(near -> "one of " + known + "; did you mean " + near + "?")
                                .orElse("one of " + known));
        return Optional.empty();
    }

    private static Optional<String> name(Fields metadata) {
        if (!metadata.has("name")) {
            metadata.missing("name", "a DNS label");
        }
        // what a cluster's own tools add says nothing here
        List.of("namespace", "labels", "annotations").forEach(metadata::ignore);
        return metadata.text(
                "name",
                "a DNS label: 1 to 63 of a-z, 0-9 and -, not - at either end; a name of digits alone needs quotes",
                text -> LABEL.matcher(text).matches() ? Optional.of(text) : Optional.empty());
    }

    /** Everything in a mesh's spec has a default, so all of it may be left out, or commented out. */
    private static Optional<Fields> spec(ObjectKey key, Fields fields) {
        if (key.kind().equals(ObjectKey.MESH) && fields.isBlank("spec")) {
            return Optional.of(fields.none("spec"));
        }
        if (!fields.has("spec")) {
            fields.missing("spec", "an object");
        }
        return fields.object("spec");
    }

    private Object value(ObjectKey key, Fields spec) {
        return switch (key.kind()) {
            case ObjectKey.MESH -> meshes.read(key.name(), spec);
            case ObjectKey.PROVIDER -> providers.read(key.name(), spec);
            default -> pools.read(key.name(), spec);
        };
    }
}
