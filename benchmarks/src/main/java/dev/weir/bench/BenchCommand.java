package dev.weir.bench;

import dev.weir.bench.check.CheckCommand;
import dev.weir.bench.loop.LoopCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code weir bench}: entry point of {@code bench.jar}; one subcommand per subject. */
@Command(
        name = "weir bench",
        mixinStandardHelpOptions = true,
        description = "Measures this project on this machine and compares with the figures it must reach.",
        subcommands = {LoopCommand.class, SolverCommand.class, PickCommand.class, CheckCommand.class})
public final class BenchCommand {
    private BenchCommand() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new BenchCommand()).execute(args));
    }
}
