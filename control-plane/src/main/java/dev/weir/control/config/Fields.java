package dev.weir.control.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.nodes.CollectionNode;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * The fields of one YAML mapping, read one by one with their type and range. A wrong one becomes a {@link ConfigProblem} and reads
 * as absent, so that one pass finds all problems of an object; {@link #end} refuses the fields that nobody asked for.
 */
final class Fields {
    private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]{0,18})");
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,3})?");
    private static final Pattern PLAIN_KEY = Pattern.compile("[a-zA-Z]{1,24}");

    private final Source source;
    private final String path;
    private final Map<String, Node> values = new LinkedHashMap<>();
    private final Set<String> asked = new LinkedHashSet<>();

    Fields(Source source, String path, MappingNode mapping) {
        this.source = source;
        this.path = path;
        for (NodeTuple entry : mapping.getValue()) {
            Node key = entry.getKeyNode();
            int line = key.getStartMark().getLine() + 1;
            String name = key instanceof ScalarNode scalar ? scalar.getValue() : "";
            if (name.isEmpty()) {
                source.refuse(path, Optional.of(shown(key)), "field names as keys");
                continue;
            }
            source.seen(under(name), line);
            if (values.putIfAbsent(name, entry.getValueNode()) != null) {
                source.seen(under(name), line);
                source.refuse(under(keyShown(name)), Optional.of(keyShown(name)), "each field once");
            }
        }
    }

    Source source() {
        return source;
    }

    boolean has(String name) {
        asked.add(name);
        return values.containsKey(name);
    }

    /** The names that are written, for an object whose names are free. */
    List<String> names() {
        return List.copyOf(values.keySet());
    }

    Optional<String> text(String name) {
        return scalar(name, Tag.STR, "text; numbers, dates and yes/no need quotes");
    }

    /** Text that {@code parser} accepts. */
    <T> Optional<T> text(String name, String expected, Function<String, Optional<T>> parser) {
        return scalar(name, Tag.STR, expected).flatMap(text -> checked(name, text, parser.apply(text), expected));
    }

    Optional<Long> integer(String name, long min, long max) {
        String expected = "a whole number from " + min + " to " + max;
        return scalar(name, Tag.INT, expected)
                .flatMap(text -> checked(name, text, wholeNumber(text).filter(n -> n >= min && n <= max), expected));
    }

    /** A finite number. */
    Optional<Double> number(String name, double min, double max, String expected) {
        return scalar(name, null, expected).flatMap(text -> {
            Optional<Double> number =
                    NUMBER.matcher(text).matches() ? Optional.of(Double.valueOf(text)) : Optional.empty();
            return checked(name, text, number.filter(n -> n >= min && n <= max), expected);
        });
    }

    /** A finite number, or {@code word} for none. */
    Optional<OptionalDouble> numberOrWord(String name, double min, double max, String word, String expected) {
        return scalar(name, null, expected).flatMap(text -> {
            Optional<OptionalDouble> number = NUMBER.matcher(text).matches()
                    ? Optional.of(Double.valueOf(text))
                            .filter(n -> n >= min && n <= max)
                            .map(OptionalDouble::of)
                    : Optional.of(OptionalDouble.empty()).filter(none -> text.equals(word));
            return checked(name, text, number, expected);
        });
    }

    Optional<Boolean> flag(String name) {
        return scalar(name, Tag.BOOL, "true or false").flatMap(text -> {
            Optional<Boolean> flag =
                    text.equals("true") || text.equals("false") ? Optional.of(text.equals("true")) : Optional.empty();
            return checked(name, text, flag, "true or false");
        });
    }

    Optional<Duration> duration(String name, Duration min, Duration max) {
        String expected = "a duration from " + DurationText.write(min) + " to " + DurationText.write(max)
                + ", for instance 250ms, 5s or 1m";
        return scalar(name, Tag.STR, expected).flatMap(text -> {
            Optional<Duration> duration =
                    DurationText.parse(text).filter(d -> d.compareTo(min) >= 0 && d.compareTo(max) <= 0);
            return checked(name, text, duration, expected);
        });
    }

    /** Bytes. */
    Optional<Long> size(String name, long min, long max) {
        String expected = "a size from " + SizeText.write(min) + " to " + SizeText.write(max)
                + ", for instance 65536, 64KiB or 8MiB";
        return scalar(name, null, expected).flatMap(text -> {
            Optional<Long> size = SizeText.parse(text).filter(bytes -> bytes >= min && bytes <= max);
            return checked(name, text, size, expected);
        });
    }

    Optional<Fields> object(String name) {
        Node node = node(name);
        if (node == null) {
            return Optional.empty();
        }
        if (node instanceof MappingNode mapping) {
            return Optional.of(new Fields(source, under(name), mapping));
        }
        source.refuse(under(name), Optional.of(shown(node)), "an object");
        return Optional.empty();
    }

    /** Whether a field is not there, or has no value. */
    boolean isBlank(String name) {
        Node node = node(name);
        return node == null || (node instanceof ScalarNode && Tag.NULL.equals(node.getTag()));
    }

    /** A field's object as if it were there, without fields. */
    Fields none(String name) {
        return new Fields(source, under(name), new MappingNode(Tag.MAP, List.of(), DumperOptions.FlowStyle.BLOCK));
    }

    /** Whether a field is there and an object, for one that may also be a word. */
    boolean isObject(String name) {
        return node(name) instanceof MappingNode;
    }

    /** A list of {@code min} to {@code max} objects. */
    List<Fields> objects(String name, int min, int max) {
        Node node = node(name);
        List<Fields> found = new ArrayList<>();
        if (node == null) {
            return found;
        }
        if (!(node instanceof SequenceNode sequence)
                || sequence.getValue().size() < min
                || sequence.getValue().size() > max) {
            source.refuse(under(name), Optional.of(shown(node)), "a list of " + min + " to " + max + " objects");
            return found;
        }
        for (int i = 0; i < sequence.getValue().size(); i++) {
            Node item = sequence.getValue().get(i);
            String at = under(name) + "[" + i + "]";
            source.seen(at, item.getStartMark().getLine() + 1);
            if (item instanceof MappingNode mapping) {
                found.add(new Fields(source, at, mapping));
            } else {
                source.refuse(at, Optional.of(shown(item)), "an object");
            }
        }
        return found;
    }

    /** A list of {@code min} to {@code max} words or numbers, as they are written. */
    List<String> words(String name, int min, int max) {
        Node node = node(name);
        if (node == null) {
            return List.of();
        }
        String expected = "a list of " + min + " to " + max + " words or numbers";
        if (!(node instanceof SequenceNode sequence)
                || sequence.getValue().size() < min
                || sequence.getValue().size() > max) {
            source.refuse(under(name), Optional.of(shown(node)), expected);
            return List.of();
        }
        List<String> found = new ArrayList<>();
        for (int i = 0; i < sequence.getValue().size(); i++) {
            Node item = sequence.getValue().get(i);
            String at = name + "[" + i + "]";
            source.seen(under(at), item.getStartMark().getLine() + 1);
            if (item instanceof ScalarNode scalar && !Tag.NULL.equals(scalar.getTag())) {
                found.add(scalar.getValue());
            } else {
                source.refuse(under(at), Optional.of(shown(item)), "a word or a number");
            }
        }
        return found;
    }

    /** Refuses a field for a reason of its own; "" = this object. */
    void refuse(String name, Optional<String> value, String expected) {
        source.refuse(name.isEmpty() ? path : under(name), value, expected);
    }

    void missing(String name, String expected) {
        source.refuse(under(name), Optional.empty(), expected);
    }

    /** Accepts a field as it is, for what other tools keep in an object. */
    void ignore(String name) {
        asked.add(name);
    }

    /** Refuses every field that was not asked for. */
    void end() {
        for (String name : values.keySet()) {
            if (!asked.contains(name)) {
                String shown = keyShown(name);
                source.refuse(
                        under(shown),
                        Optional.of(shown),
                        Nearest.to(name, asked)
                                .map(known -> "a known field; did you mean " + known + "?")
                                .orElse("one of " + String.join(", ", asked)));
            }
        }
    }

    private <T> Optional<T> checked(String name, String text, Optional<T> value, String expected) {
        if (value.isEmpty()) {
            source.refuse(under(name), Optional.of(text), expected);
        }
        return value;
    }

    /** @param tag what the value must be, null = text and number alike */
    private Optional<String> scalar(String name, @Nullable Tag tag, String expected) {
        Node node = node(name);
        if (node == null) {
            return Optional.empty();
        }
        if (node instanceof ScalarNode scalar
                && (tag == null ? !Tag.NULL.equals(scalar.getTag()) : tag.equals(scalar.getTag()))) {
            return Optional.of(scalar.getValue());
        }
        source.refuse(under(name), Optional.of(shown(node)), expected);
        return Optional.empty();
    }

    private @Nullable Node node(String name) {
        asked.add(name);
        return values.get(name);
    }

    private String under(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /**
     * A field's name for a message, three stars where it may be a secret: a name that nobody knows may be a secret in the wrong
     * column.
     */
    private String keyShown(String name) {
        return Source.secret(path) && !PLAIN_KEY.matcher(name).matches() ? "***" : name;
    }

    private static Optional<Long> wholeNumber(String text) {
        try {
            return INTEGER.matcher(text).matches() ? Optional.of(Long.valueOf(text)) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty(); // 19 digits above a long
        }
    }

    private static String shown(Node node) {
        if (node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        boolean empty =
                node instanceof CollectionNode<?> many && many.getValue().isEmpty();
        return node instanceof SequenceNode ? empty ? "[]" : "[...]" : empty ? "{}" : "{...}";
    }
}
