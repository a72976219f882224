package dev.weir.control.scenario;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.weir.control.scenario.ScenarioNodes.Root;
import dev.weir.sim.experiment.OwnMesh;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** A mesh to be simulated as YAML; {@code docs/simulation.md} describes the keys. */
public final class ScenarioFile {
    private static final long MAX_BYTES = 1 << 20;
    private static final int NESTING = 10;
    private static final int MAX_VALUES = 100_000;
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();

    private ScenarioFile() {}

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException with file, path, value and expectation, when it does not describe a mesh
     */
    public static OwnMesh read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IllegalArgumentException(file + ": " + Files.size(file) + " bytes (expected: at most 1 MiB)");
        }
        try {
            return ScenarioMesh.of(parse(Files.readString(file)), String.valueOf(file.getFileName()));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + ": no text (expected: YAML in UTF-8)", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private static Root parse(String text) throws IOException {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        options.setMaxAliasesForCollections(50);
        options.setNestingDepthLimit(NESTING);
        try {
            Object tree = tree(text, options);
            Expect.that(tree != null, "providers", "", "a list of providers");
            return MAPPER.treeToValue(MAPPER.valueToTree(tree), Root.class);
        } catch (JsonMappingException e) {
            throw refused(e);
        }
    }

    private static @Nullable Object tree(String text, LoaderOptions options) {
        try {
            Object tree = new Yaml(new SafeConstructor(options)).load(text);
            count(tree, 0, 0);
            return tree;
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            throw new IllegalArgumentException("line " + line + ": " + e.getProblem() + " (expected: YAML)", e);
        } catch (TooLarge e) {
            throw new IllegalArgumentException(
                    "aliases: (expected: none of what they are in, and at most " + MAX_VALUES + " values in all)", e);
        } catch (RuntimeException e) {
            // tags and numbers that are none end in exceptions of any kind
            throw new IllegalArgumentException(e.getMessage() + " (expected: YAML)", e);
        }
    }

    private static final class TooLarge extends RuntimeException {}

    /** How many values there are with those before: an alias may stand for what it is in, or for very much. */
    private static int count(@Nullable Object node, int depth, int before) {
        if (depth > 2 * NESTING || before >= MAX_VALUES) {
            throw new TooLarge();
        }
        int count = before + 1;
        if (node instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> each : map.entrySet()) {
                count = count(each.getValue(), depth + 1, count(each.getKey(), depth + 1, count));
            }
        } else if (node instanceof Collection<?> all) {
            for (Object each : all) {
                count = count(each, depth + 1, count);
            }
        }
        return count;
    }

    private static IllegalArgumentException refused(JsonMappingException e) {
        String path = path(e.getPath());
        if (e instanceof UnrecognizedPropertyException unknown) {
            List<String> known = unknown.getKnownPropertyIds().stream()
                    .map(String::valueOf)
                    .sorted()
                    .toList();
            return Expect.wrong(path, unknown.getPropertyName(), "one of " + known);
        }
        if (e instanceof InvalidFormatException format) {
            return Expect.wrong(path, format.getValue(), kind(format.getTargetType()));
        }
        if (e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
            String missing = "Missing required creator property '";
            String message = String.valueOf(e.getOriginalMessage());
            if (message.startsWith(missing)) {
                String name = message.substring(missing.length(), message.indexOf('\'', missing.length()));
                String at = path.isEmpty()
                        ? name
                        : path.equals(name) || path.endsWith("." + name) ? path : path + "." + name;
                return new IllegalArgumentException(at + ": missing (expected: it to be there)");
            }
            return new IllegalArgumentException((path.isEmpty() ? "the file" : path) + ": of another kind (expected: "
                    + kind(mismatch.getTargetType()) + ")");
        }
        return new IllegalArgumentException((path.isEmpty() ? "" : path + ": ") + e.getOriginalMessage(), e);
    }

    private static String path(List<JsonMappingException.Reference> steps) {
        String path = steps.stream()
                .map(s -> s.getFieldName() != null ? "." + s.getFieldName() : "[" + s.getIndex() + "]")
                .collect(Collectors.joining());
        return path.startsWith(".") ? path.substring(1) : path;
    }

    private static String kind(Class<?> type) {
        if (type == int.class || type == Integer.class) {
            return "a whole number";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == Boolean.class) {
            return "true or false";
        }
        if (type == String.class) {
            return "text";
        }
        return List.class.isAssignableFrom(type) ? "a list" : "an object";
    }

    /** The text of a file that {@link #read} understands. */
    static String write(Root root) {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.AUTO);
        options.setWidth(120);
        return new Yaml(options).dump(MAPPER.convertValue(root, new TypeReference<LinkedHashMap<String, Object>>() {}));
    }
}
