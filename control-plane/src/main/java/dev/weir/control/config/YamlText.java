package dev.weir.control.config;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * YAML text into its documents' node trees: nothing is constructed from them, so tags make no objects and aliases, which
 * share a node, cost nothing however often they are nested.
 */
final class YamlText {
    private static final int NESTING = 20;
    private static final int ALIASES = 50;
    /** Most events of the parser: a scalar is one, a mapping or a list two. 50 000 of them take about 15 MB as nodes. */
    private static final int EVENTS = 50_000;

    /** Words of the parser that quote the text, which may be a secret. */
    private static final Set<String> QUOTES =
            Set.of("found undefined alias", "found undefined tag handle", "Global tag is not allowed");

    private YamlText() {}

    /**
     * @param documents their root nodes, in order; not complete when there is a problem
     * @param problem why the text is no YAML
     */
    record Parsed(List<Node> documents, Optional<ConfigProblem> problem) {}

    static Parsed parse(String file, String text) {
        LoaderOptions options = new LoaderOptions();
        options.setNestingDepthLimit(NESTING);
        options.setMaxAliasesForCollections(ALIASES);
        options.setCodePointLimit(Integer.MAX_VALUE); // the caller limits the file
        options.setProcessComments(false);
        List<Node> documents = new ArrayList<>();
        try {
            StreamReader reader =
                    new StreamReader(new StringReader(text.startsWith("\ufeff") ? text.substring(1) : text));
            Composer composer =
                    new Composer(new BoundedParser(new ParserImpl(reader, options)), new Resolver(), options);
            while (composer.checkNode()) {
                documents.add(composer.getNode());
            }
            return new Parsed(documents, Optional.empty());
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            return failed(documents, file, line, words(e.getProblem()));
        } catch (YAMLException e) {
            return failed(documents, file, 0, words(e.getMessage()));
        }
    }

    private static Parsed failed(List<Node> documents, String file, int line, String words) {
        String expected = "YAML, nested at most " + NESTING + " deep, with at most " + ALIASES + " aliases";
        return new Parsed(documents, Optional.of(new ConfigProblem(file, line, "", "", Optional.of(words), expected)));
    }

    /** A parser that ends after {@link #EVENTS}: a small file can hold more nodes than the heap. */
    private static final class BoundedParser implements Parser {
        private final Parser parser;
        private int events;

        BoundedParser(Parser parser) {
            this.parser = parser;
        }

        @Override
        public boolean checkEvent(Event.ID choice) {
            return parser.checkEvent(choice);
        }

        @Override
        public Event peekEvent() {
            return parser.peekEvent();
        }

        @Override
        public Event getEvent() {
            if (++events > EVENTS) {
                throw new YAMLException("more than " + EVENTS + " values; split the file");
            }
            return parser.getEvent();
        }
    }

    private static String words(@Nullable String problem) {
        String text = problem == null ? "unreadable" : problem;
        return QUOTES.stream().filter(text::startsWith).findFirst().orElse(text);
    }
}
