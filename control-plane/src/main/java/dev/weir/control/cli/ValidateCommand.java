package dev.weir.control.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.control.config.ConfigLoader;
import dev.weir.control.config.ConfigProblem;
import dev.weir.control.config.DirectorySource;
import dev.weir.control.config.LoadedConfig;
import dev.weir.control.model.Config;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir validate DIR}: says what {@code weir run} would refuse. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        description = {
            "Checks a configuration directory, without starting anything.",
            "",
            "Prints one line per problem:",
            "  file:line: kind/name: path: \"value\" (expected: ...)",
            "",
            "Environment variables and files that credentials name are read too, and never shown: where they are not"
                    + " at hand, set them to anything."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the configuration is valid", "1:something in it is not", "2:there is no such directory"})
final class ValidateCommand implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    @Parameters(paramLabel = "DIR", description = "Directory of *.yaml and *.yml files.")
    Path directory = Path.of(".");

    @Option(names = "--json", description = "Prints {\"valid\", \"objects\", \"problems\": [...]} instead.")
    boolean json;

    /** One problem as JSON; {@code value} is missing in the output where nothing was found. */
    private record Line(
            String file,
            int line,
            String object,
            String path,
            @Nullable String value,
            String expected) {
        static Line of(ConfigProblem p) {
            return new Line(p.file(), p.line(), p.object(), p.path(), p.value().orElse(null), p.expected());
        }
    }

    private record Report(boolean valid, int objects, List<Line> problems) {}

    @Override
    public Integer call() throws JsonProcessingException {
        CommandSpec command = java.util.Objects.requireNonNull(spec);
        if (!Files.isDirectory(directory)) {
            throw new ParameterException(
                    command.commandLine(), "DIR: \"" + directory + "\" (expected: a directory that exists)");
        }
        LoadedConfig loaded = new ConfigLoader(
                        new DirectorySource(directory, name -> Optional.ofNullable(System.getenv(name))))
                .load();
        PrintWriter out = command.commandLine().getOut();
        List<ConfigProblem> problems = loaded.problems();
        int objects = loaded.config().map(ValidateCommand::objects).orElse(0);
        if (json) {
            Report report = new Report(
                    problems.isEmpty(), objects, problems.stream().map(Line::of).toList());
            out.println(new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report));
        } else {
            problems.forEach(out::println);
            out.println(problems.isEmpty() ? "valid: " + summary(loaded) : counted(problems.size()));
        }
        return problems.isEmpty() ? 0 : 1;
    }

    private static String counted(int problems) {
        return problems == 1 ? "1 problem" : problems + " problems";
    }

    private static int objects(Config config) {
        return 1 + config.providers().size() + config.pools().size();
    }

    private static String summary(LoadedConfig loaded) {
        return loaded.config()
                .map(c -> "mesh " + c.mesh().name() + ", providers "
                        + String.join(" ", c.providers().keySet()) + ", pools "
                        + String.join(" ", c.pools().keySet()))
                .orElseThrow();
    }
}
