package dev.weir.control.cli;

import dev.weir.control.threads.LastWord;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code weir}: the application's entry point; one subcommand per class beside this one. */
@Command(
        name = "weir",
        mixinStandardHelpOptions = true,
        version = "weir 0.1.0",
        description = "Congestion control for AI-agent traffic, on Envoy.",
        subcommands = {
            CertsCommand.class,
            ChainCommand.class,
            CollectCommand.class,
            DemoCommand.class,
            ExplainCommand.class,
            InitCommand.class,
            RouteCommand.class,
            RunCommand.class,
            SidecarCommand.class,
            SimulateCommand.class,
            UpCommand.class,
            ValidateCommand.class
        })
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        Thread.setDefaultUncaughtExceptionHandler(new LastWord(LastWord::end));
        System.exit(new CommandLine(new Main()).execute(args));
    }
}
