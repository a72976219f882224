package dev.weir.control.server;

import dev.weir.control.loop.Addresses;
import dev.weir.control.model.Failpoints;
import java.net.InetAddress;
import java.time.InstantSource;

/**
 * What a control plane has from the machine that it runs on.
 *
 * @param names looks host names up
 * @param clock wall clock; what waits and what times out goes by monotonic time
 * @param failpoints {@link Failpoints#NONE} outside tests
 */
public record Outside(Addresses.Lookup names, InstantSource clock, Failpoints failpoints) {
    /** As it is. */
    public static final Outside REAL = new Outside(InetAddress::getAllByName, InstantSource.system(), Failpoints.NONE);
}
