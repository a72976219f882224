package dev.weir.control.up;

import java.nio.file.Path;
import java.util.List;

/**
 * One process of the mesh on this machine.
 *
 * @param name in front of each line that it says
 * @param home its working directory
 * @param command program and arguments
 */
record Part(String name, Path home, List<String> command) {
    Part {
        command = List.copyOf(command);
    }
}
