package dev.weir.control.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.control.admin.CallView;
import dev.weir.control.admin.DecisionView;
import dev.weir.control.config.ConfigLoader;
import dev.weir.control.config.DirectorySource;
import dev.weir.control.config.LoadedConfig;
import dev.weir.control.ledger.SqlLedger;
import dev.weir.control.model.Decision;
import dev.weir.control.model.Epoch;
import dev.weir.control.model.Store;
import dev.weir.control.store.Database;
import dev.weir.control.store.DecisionStore;
import dev.weir.control.store.SqlDecisionStore;
import dev.weir.control.store.StoreException;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir explain EPOCH|REQUEST-ID}: tells a stored decision, or a call, in words. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = {
            "Tells a decision in words: what was known, what was decided and why, and what that changed against the"
                    + " decision before. Or tells a call: how its provider was chosen and among what, where it went and"
                    + " what it counts.",
            "",
            "Asks a running control plane, or with --config reads the database of one that does not run."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:told",
            "1:no such decision or call is stored",
            "2:EPOCH, REQUEST-ID, DIR or URL is wrong, or nobody answers there"
        })
final class ExplainCommand implements Callable<Integer> {
    /** As Envoy makes them: a UUID. */
    private static final Pattern REQUEST_ID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    @Spec
    @Nullable
    CommandSpec spec;

    @Parameters(
            paramLabel = "EPOCH|REQUEST-ID",
            arity = "0..1",
            defaultValue = "last",
            description = "TERM.SEQUENCE as in the weir-epoch header and in every record, or last (the default); or a"
                    + " call's x-request-id.")
    String wanted = "last";

    @ArgGroup
    @Nullable
    Where where;

    @Option(names = "--json", description = "Prints it with all its numbers as JSON.")
    boolean json;

    /** Where to look, at most one of the options. */
    static final class Where {
        @Option(names = "--config", paramLabel = "DIR", description = "Configuration whose database is read.")
        @Nullable
        Path config;

        @ArgGroup(exclusive = false)
        @Nullable
        AdminPort port;
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
        boolean call = isRequestId();
        Path config = where == null ? null : where.config;
        Optional<JsonNode> found;
        if (call) {
            found = config == null
                    ? asked("/v1/call?id=" + wanted)
                    : stored(config, database -> storedCall(database, wanted));
        } else {
            Optional<Epoch> epoch = wanted.equals("last") ? Optional.empty() : Optional.of(parsed());
            found = config == null
                    ? asked("/v1/decision" + epoch.map(e -> "?epoch=" + e).orElse(""))
                    : stored(config, database -> storedDecision(database, epoch));
        }
        if (found.isEmpty()) {
            command()
                    .commandLine()
                    .getErr()
                    .println("weir explain: " + (call ? "call " : "decision ") + wanted + " is not stored");
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
                    .forEach(line -> command().commandLine().getOut().println(TerminalText.of(line.asText())));
        }
        return 0;
    }

    private boolean isRequestId() {
        return REQUEST_ID.matcher(wanted).matches();
    }

    private Epoch parsed() {
        try {
            return Epoch.parse(wanted);
        } catch (IllegalArgumentException e) {
            throw wrong("EPOCH|REQUEST-ID: \"" + wanted
                    + "\" (expected: last, TERM.SEQUENCE, for instance 3.17, or an x-request-id)");
        }
    }

    private Optional<JsonNode> asked(String path) throws Unreadable {
        AdminPort port = where == null || where.port == null ? new AdminPort() : where.port;
        try {
            HttpResponse<String> answer = port.get(path);
            if (answer.statusCode() == 404) {
                return Optional.empty();
            }
            if (answer.statusCode() == 200) {
                return Optional.of(new ObjectMapper().readTree(answer.body()));
            }
            throw new Unreadable("--admin: \"" + port.admin
                    + "\" (expected: a control plane's admin port; it answered with status " + answer.statusCode()
                    + (answer.statusCode() == 401
                            ? ", because it wants a token of Mesh.spec.admin.tokens: --token-file FILE)"
                            : ")"));
        } catch (IllegalArgumentException e) {
            throw new Unreadable(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new Unreadable("--admin: \"" + port.admin
                    + "\" (expected: the admin port of a running control plane: " + reason + "; or use --config DIR)");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unreadable("interrupted");
        }
    }

    private static Optional<JsonNode> stored(Path directory, Function<Database, Optional<String>> read)
            throws JsonProcessingException, Unreadable {
        LoadedConfig loaded = new ConfigLoader(
                        new DirectorySource(directory, name -> Optional.ofNullable(System.getenv(name))))
                .load();
        Store.Place place = loaded.config()
                .map(c -> c.mesh().store().place())
                .orElseThrow(() -> new Unreadable("--config: \"" + directory
                        + "\" (expected: a directory with a valid Mesh; " + "weir validate says more)"));
        if (place instanceof Store.Sqlite sqlite && !Files.isRegularFile(sqlite.path())) {
            throw new Unreadable("Mesh.spec.store.path: \"" + sqlite.path()
                    + "\" (expected: the database of a control plane that ran)");
        }
        try (Database database = Database.open(place)) {
            Optional<String> json = read.apply(database);
            return json.isEmpty() ? Optional.empty() : Optional.of(new ObjectMapper().readTree(json.get()));
        } catch (StoreException e) {
            throw new Unreadable(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<String> storedDecision(Database database, Optional<Epoch> epoch) {
        DecisionStore store = new SqlDecisionStore(database);
        Optional<Decision> found = epoch.isPresent() ? store.find(epoch.get()) : store.last();
        return found.map(decision ->
                DecisionView.of(decision, store.before(decision.epoch())).json());
    }

    private static Optional<String> storedCall(Database database, String requestId) {
        try (SqlLedger ledger = new SqlLedger(database, pool -> Optional.empty(), records -> {})) {
            return CallView.of(ledger, requestId).map(CallView::json);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command().commandLine(), message);
    }

    private CommandSpec command() {
        return Objects.requireNonNull(spec);
    }
}
