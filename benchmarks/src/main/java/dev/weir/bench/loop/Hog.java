package dev.weir.bench.loop;

import java.util.ArrayList;
import java.util.List;

/** A process that keeps one processor busy, at the priority of any other. It ends by itself, whatever becomes of who started it. */
final class Hog {
    private Hog() {}

    /**
     * The command line of one.
     *
     * @param java command that runs the application under test, its main class last
     * @param seconds that it lasts unless it is ended before
     */
    static List<String> command(List<String> java, double seconds) {
        List<String> command = new ArrayList<>(java.subList(0, java.size() - 1));
        command.add(Hog.class.getName());
        command.add(Double.toString(seconds));
        return command;
    }

    /** @param arguments seconds */
    public static void main(String[] arguments) {
        long end = System.nanoTime() + (long) (Double.parseDouble(arguments[0]) * 1e9);
        long turns = 0;
        while (System.nanoTime() - end < 0) {
            turns++;
        }
        System.out.println(turns + " turns");
    }
}
