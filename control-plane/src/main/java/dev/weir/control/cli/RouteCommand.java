package dev.weir.control.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.control.admin.RouteView;
import dev.weir.control.config.ConfigLoader;
import dev.weir.control.config.DirectorySource;
import dev.weir.control.config.LoadedConfig;
import dev.weir.control.model.Config;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir route MODEL}: what would become of a request now. */
@Command(
        name = "route",
        mixinStandardHelpOptions = true,
        description = {
            "Tells what would become of a request for MODEL, if it came now: its pool, its price, who might serve it and how long"
                    + " it would wait there, or why it would be refused. Sends nothing to a provider.",
            "",
            "Asks a running control plane, or with --config reads pool and candidates from a configuration."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it would be sent on",
            "1:it would be refused",
            "2:an option is not valid, or nobody answers there"
        })
final class RouteCommand implements Callable<Integer> {
    private static final long LARGEST_BODY = 256L << 20;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private What what;

    @ArgGroup
    private @Nullable Where where;

    @Option(names = "--json", description = "Prints it with all its numbers as JSON.")
    private boolean json;

    /** The request, by its model. */
    static final class What {
        @Parameters(paramLabel = "MODEL", description = "The model, as an agent would write it.")
        @Nullable
        String model;

        @Option(names = "--body", paramLabel = "FILE", description = "A request's JSON body, whose model it is.")
        @Nullable
        Path body;
    }

    /** Where to look, at most one of the options. */
    static final class Where {
        @Option(names = "--config", paramLabel = "DIR", description = "Configuration that is read instead.")
        @Nullable
        Path config;

        @ArgGroup(exclusive = false)
        @Nullable
        AdminPort port;
    }

    @Override
    public Integer call() throws JsonProcessingException {
        String model = what.model != null ? what.model : model(what.body);
        JsonNode route = where != null && where.config != null ? configured(where.config, model) : asked(model);
        if (json) {
            spec.commandLine()
                    .getOut()
                    .println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(route));
        } else {
            route.path("explanation")
                    .forEach(line -> spec.commandLine().getOut().println(TerminalText.of(line.asText())));
        }
        return route.hasNonNull("refusal") ? 1 : 0;
    }

    private String model(@Nullable Path body) {
        if (body == null) {
            throw new IllegalStateException("neither MODEL nor --body"); // picocli sees to one of them
        }
        String expected = "\"" + body + "\" (expected: a file with a JSON object that has \"model\", a text";
        try {
            if (!Files.isRegularFile(body) || Files.size(body) > LARGEST_BODY) {
                throw wrong("--body: " + expected + ")");
            }
            JsonNode model = new ObjectMapper().readTree(body.toFile()).path("model");
            if (!model.isTextual()) {
                throw wrong("--body: " + expected + ")");
            }
            return model.textValue();
        } catch (JsonProcessingException e) {
            throw wrong("--body: " + expected + "; " + e.getOriginalMessage() + ")");
        } catch (IOException e) {
            throw wrong("--body: " + expected + "; " + e.getMessage() + ")");
        }
    }

    private JsonNode configured(Path directory, String model) throws JsonProcessingException {
        LoadedConfig loaded = new ConfigLoader(
                        new DirectorySource(directory, name -> Optional.ofNullable(System.getenv(name))))
                .load();
        Optional<Config> config = loaded.config();
        if (config.isEmpty() || !loaded.problems().isEmpty()) {
            // without what is refused the answer would be another one
            throw wrong("--config: \"" + directory + "\" (expected: a directory with a valid configuration)"
                    + loaded.problems().stream().map(each -> "\n  " + each).collect(Collectors.joining()));
        }
        return new ObjectMapper().readTree(RouteView.of(config.get(), model).json());
    }

    private JsonNode asked(String model) {
        AdminPort port = where == null || where.port == null ? new AdminPort() : where.port;
        String name = "--admin: \"" + port.admin + "\" (expected: the admin port of a running control plane";
        try {
            HttpResponse<String> answer =
                    port.get("/v1/route?model=" + URLEncoder.encode(model, StandardCharsets.UTF_8));
            if (answer.statusCode() != 200) {
                throw wrong(name + "; it answered with status " + answer.statusCode()
                        + (answer.statusCode() == 401
                                ? ", because it wants a token of Mesh.spec.admin.tokens: --token-file FILE)"
                                : ": " + TerminalText.of(answer.body().strip()) + ")"));
            }
            return new ObjectMapper().readTree(answer.body());
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw wrong(name + ": " + reason + "; or use --config DIR)");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw wrong("interrupted");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
