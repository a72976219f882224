package dev.weir.control.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.control.admin.DecisionView;
import dev.weir.control.config.ConfigLoader;
import dev.weir.control.config.LoadedConfig;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import dev.weir.control.store.Database;
import dev.weir.control.store.DecisionStore;
import dev.weir.control.store.SqlDecisionStore;
import dev.weir.control.store.StoreException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir explain EPOCH}: tells a stored decision in words. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = {
            "Tells a decision in words: what was known, what was decided and why, and what that changed against the"
                    + " decision before.",
            "",
            "Asks a running control plane, or with --config reads the database of one that does not run."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:told",
            "1:no such decision is stored",
            "2:EPOCH, DIR or URL is wrong, or nobody answers there"
        })
final class ExplainCommand implements Callable<Integer> {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @Spec
    @Nullable
    CommandSpec spec;

    @Parameters(
            paramLabel = "EPOCH",
            arity = "0..1",
            defaultValue = "last",
            description = "TERM.SEQUENCE as in the weir-epoch header and in every record, or last (the default).")
    String epoch = "last";

    @ArgGroup
    @Nullable
    Where where;

    @Option(names = "--json", description = "Prints the decision with all its numbers as JSON.")
    boolean json;

    /** At most one of them. */
    static final class Where {
        @Option(names = "--config", paramLabel = "DIR", description = "Configuration whose database is read.")
        @Nullable
        Path config;

        @Option(
                names = "--admin",
                paramLabel = "URL",
                description = "Admin port of the control plane, by default http://127.0.0.1:18001.")
        @Nullable
        URI admin;
    }

    /** Nothing can be read there; its message says why. */
    private static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1;

        Unreadable(String message) {
            super(message);
        }
    }

    @Override
    public Integer call() throws JsonProcessingException {
        try {
            return tell();
        } catch (Unreadable e) {
            command().commandLine().getErr().println("weir explain: " + e.getMessage());
            return 2;
        }
    }

    private int tell() throws JsonProcessingException, Unreadable {
        Optional<Epoch> wanted = epoch.equals("last") ? Optional.empty() : Optional.of(parsed());
        Path config = where == null ? null : where.config;
        Optional<JsonNode> found = config == null ? asked(wanted) : stored(config, wanted);
        if (found.isEmpty()) {
            command().commandLine().getErr().println("weir explain: decision " + epoch + " is not stored");
            return 1;
        }
        if (json) {
            command()
                    .commandLine()
                    .getOut()
                    .println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(found.get()));
        } else {
            found.get()
                    .path("explanation")
                    .forEach(line -> command().commandLine().getOut().println(printable(line.asText())));
        }
        return 0;
    }

    private Epoch parsed() {
        try {
            return Epoch.parse(epoch);
        } catch (IllegalArgumentException e) {
            throw wrong("EPOCH: \"" + epoch + "\" (expected: last, or TERM.SEQUENCE, for instance 3.17)");
        }
    }

    private Optional<JsonNode> asked(Optional<Epoch> wanted) throws Unreadable {
        URI base = where == null || where.admin == null ? URI.create("http://127.0.0.1:18001") : where.admin;
        String query = wanted.map(e -> "?epoch=" + e).orElse("");
        try {
            HttpRequest request = HttpRequest.newBuilder(base.resolve("/v1/decision" + query))
                    .timeout(TIMEOUT)
                    .build();
            HttpClient client = HttpClient.newBuilder()
                    .connectTimeout(TIMEOUT)
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == 404) {
                return Optional.empty();
            }
            if (answer.statusCode() == 200) {
                return Optional.of(new ObjectMapper().readTree(answer.body()));
            }
            throw new Unreadable(
                    "--admin: \"" + base + "\" (expected: a control plane's admin port; it answered with status "
                            + answer.statusCode() + ")");
        } catch (IOException | IllegalArgumentException e) {
            String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new Unreadable("--admin: \"" + base + "\" (expected: the admin port of a running control plane: "
                    + reason + "; or use --config DIR)");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unreadable("interrupted");
        }
    }

    private Optional<JsonNode> stored(Path directory, Optional<Epoch> wanted)
            throws JsonProcessingException, Unreadable {
        LoadedConfig loaded = new ConfigLoader(name -> Optional.ofNullable(System.getenv(name))).load(directory);
        Path file = loaded.config()
                .map(c -> c.mesh().database())
                .orElseThrow(() -> new Unreadable("--config: \"" + directory
                        + "\" (expected: a directory with a valid Mesh; " + "weir validate says more)"));
        if (!Files.isRegularFile(file)) {
            throw new Unreadable(
                    "Mesh.spec.store.path: \"" + file + "\" (expected: the database of a control plane that ran)");
        }
        try (Database database = Database.open(file)) {
            DecisionStore store = new SqlDecisionStore(database);
            Optional<Decision> found = wanted.isPresent() ? store.find(wanted.get()) : store.last();
            if (found.isEmpty()) {
                return Optional.empty();
            }
            DecisionView view =
                    DecisionView.of(found.get(), store.before(found.get().epoch()));
            return Optional.of(new ObjectMapper().readTree(view.json()));
        } catch (StoreException e) {
            throw new Unreadable(String.valueOf(e.getMessage()));
        }
    }

    /** What another process sent goes to a terminal. */
    private static String printable(String line) {
        StringBuilder out = new StringBuilder();
        line.codePoints().forEach(c -> out.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        return out.toString();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command().commandLine(), message);
    }

    private CommandSpec command() {
        return Objects.requireNonNull(spec);
    }
}
