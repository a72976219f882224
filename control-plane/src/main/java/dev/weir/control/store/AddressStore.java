package dev.weir.control.store;

import java.util.List;
import java.util.Map;

/** The last good addresses of hosts: a restart must not depend on name service. Any thread; calls block on the database. */
public interface AddressStore {
    /** IP addresses by host. */
    Map<String, List<String>> addresses();

    /** Puts these in the place of all others. */
    void save(Map<String, List<String>> addresses);
}
