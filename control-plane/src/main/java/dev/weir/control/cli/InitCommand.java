package dev.weir.control.cli;

import dev.weir.control.up.FirstConfig;
import dev.weir.control.up.FirstProvider;
import dev.weir.control.up.UpRefusal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.Stack;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code weir init [DIR]}: a first configuration. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a first configuration, with comments, for weir up: asks for what no option says, if there is a terminal.",
            "",
            "  weir init my-mesh --provider openai=https://api.openai.com/v1 --key-env OPENAI_API_KEY --model gpt-4o-mini",
            "",
            "Keys are never written: the configuration names the environment variables that hold them."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:written", "2:an option is not valid or missing, or DIR is not empty: nothing was written"})
final class InitCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Parameters(
            paramLabel = "DIR",
            arity = "0..1",
            defaultValue = "my-mesh",
            description = "Folder for the files, empty or not there yet; default ${DEFAULT-VALUE}.")
    private Path directory = Path.of("my-mesh");

    @Option(
            names = "--provider",
            paramLabel = "NAME=URL",
            parameterConsumer = InOrder.class,
            description = "A provider and the base URL that an OpenAI client would have for it; may be repeated.")
    List<String> providers = new ArrayList<>();

    @Option(
            names = "--key-env",
            paramLabel = "VAR",
            parameterConsumer = InOrder.class,
            description =
                    "The environment variable that holds the key of the provider named before it. Without it that provider gets no key.")
    List<String> keyVariables = new ArrayList<>();

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = "A model that agents may ask for, served by all providers; may be repeated.")
    private List<String> models = new ArrayList<>();

    @Option(
            names = "--xds-port",
            paramLabel = "N",
            defaultValue = "18000",
            description = "The control plane's port for sidecars; default ${DEFAULT-VALUE}.")
    private int xdsPort;

    @Option(
            names = "--admin-port",
            paramLabel = "N",
            defaultValue = "18001",
            description = "The control plane's port for people; default ${DEFAULT-VALUE}.")
    private int adminPort;

    /** {@code --provider} and {@code --key-env} as they stood, one after the other. */
    private final List<Map.Entry<String, String>> inOrder = new ArrayList<>();

    private final @Nullable BufferedReader terminal;

    /** Asks at the process's terminal, if there is one: the launcher knows, Java says so in some versions only. */
    InitCommand() {
        this.terminal = System.getenv("WEIR_TERMINAL") == null
                ? null
                : new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    }

    /** @param terminal where answers come from */
    InitCommand(BufferedReader terminal) {
        this.terminal = terminal;
    }

    /** Keeps which key came after which provider. */
    static final class InOrder implements IParameterConsumer {
        @Override
        public void consumeParameters(Stack<String> arguments, ArgSpec option, CommandSpec command) {
            String name = option.paramLabel().equals("VAR") ? "--key-env" : "--provider";
            if (arguments.isEmpty()) {
                throw new ParameterException(
                        command.commandLine(), name + ": missing (expected: " + option.paramLabel() + ")");
            }
            ((InitCommand) command.userObject()).inOrder.add(Map.entry(name, arguments.pop()));
        }
    }

    @Override
    public Integer call() throws IOException {
        try {
            FirstConfig.mustBeEmpty(directory);
            List<FirstProvider> chosen = given();
            List<String> asked = new ArrayList<>(new LinkedHashSet<>(models));
            for (String model : asked) {
                String unused = checked("--model", () -> FirstProvider.checkedModel(model));
            }
            if (chosen.isEmpty() || asked.isEmpty()) {
                ask(chosen, asked);
            }
            FirstConfig config =
                    new FirstConfig(chosen, asked, port("--xds-port", xdsPort), port("--admin-port", adminPort));
            if (xdsPort == adminPort) {
                throw new UpRefusal("--admin-port: " + adminPort + " (expected: another one than --xds-port)");
            }
            config.write(directory);
            tell(config);
            return 0;
        } catch (UpRefusal e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private List<FirstProvider> given() throws UpRefusal {
        List<FirstProvider> chosen = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (Map.Entry<String, String> option : inOrder) {
            String value = option.getValue();
            if (option.getKey().equals("--provider")) {
                FirstProvider provider = checked("--provider", () -> FirstProvider.parse(value));
                if (!names.add(provider.name())) {
                    throw new UpRefusal("--provider: \"" + provider.name() + "\" (expected: each name once)");
                }
                chosen.add(provider);
            } else if (chosen.isEmpty()) {
                throw new UpRefusal(
                        "--key-env: it has no --provider before it (expected: --provider NAME=URL --key-env VAR)");
            } else {
                FirstProvider last = chosen.remove(chosen.size() - 1);
                if (last.keyVariable().isPresent()) {
                    throw new UpRefusal(
                            "--key-env: twice after --provider " + last.name() + " (expected: once at most)");
                }
                chosen.add(checked("--key-env", () -> last.withKey(value)));
            }
        }
        return chosen;
    }

    /** Asks for what is missing. */
    private void ask(List<FirstProvider> chosen, List<String> asked) throws UpRefusal, IOException {
        if (terminal == null) {
            throw new UpRefusal((chosen.isEmpty() ? "--provider: missing" : "--model: missing")
                    + ", and there is no terminal to ask at (expected: --provider NAME=URL, with --key-env VAR where it wants a"
                    + " key, and --model MODEL)");
        }
        InitQuestions questions = new InitQuestions(terminal, spec.commandLine().getOut());
        if (chosen.isEmpty()) {
            chosen.addAll(questions.providers());
        }
        if (asked.isEmpty()) {
            asked.add(questions.model());
        }
    }

    private void tell(FirstConfig config) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("written: " + directory.resolve("mesh.yaml") + ", providers.yaml, pools.yaml");
        for (FirstProvider provider : config.providers()) {
            if (provider.exposesKey()) {
                out.println("mind: the key of " + provider.name() + " goes to " + provider.host()
                        + " in plain text, for whoever is on the way; https would hide it");
            }
        }
        config.providers().stream()
                .filter(FirstProvider::pathless)
                .forEach(provider -> out.println("mind: the URL of " + provider.name()
                        + " has no path: it is called at /chat/completions there. Most APIs want /v1 at the end."));
        out.println();
        out.println("next:");
        for (String variable : config.variables()) {
            if (Optional.ofNullable(System.getenv(variable))
                    .filter(value -> !value.isEmpty())
                    .isEmpty()) {
                out.println("  export " + variable + "=...");
            }
        }
        out.println("  ./weir up --config " + directory);
        out.println();
        out.println("and, once it says \"ready\":");
        out.println("  OpenAI(base_url=\"http://127.0.0.1:10000/v1\", api_key=\"unused\"), model \""
                + config.models().get(0) + "\"");
        out.flush();
    }

    private static int port(String option, int port) throws UpRefusal {
        if (port < 1 || port > 65_535) {
            throw new UpRefusal(option + ": " + port + " (expected: 1-65535)");
        }
        return port;
    }

    private interface Check<T> {
        T run() throws UpRefusal;
    }

    private static <T> T checked(String option, Check<T> check) throws UpRefusal {
        try {
            return check.run();
        } catch (UpRefusal e) {
            throw new UpRefusal(option + ": " + e.getMessage());
        }
    }
}
