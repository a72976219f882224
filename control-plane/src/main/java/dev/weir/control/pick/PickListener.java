package dev.weir.control.pick;

import dev.weir.control.admission.AdmissionListener;

/** Told what becomes of checks and grants; must return at once. Any thread. */
public interface PickListener extends AdmissionListener {
    /** Grants were dropped because no sidecar has them. */
    void dropped(int grants);
}
