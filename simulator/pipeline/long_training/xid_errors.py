"""Xid errors: what NVIDIA's driver logs of an accelerator that fails.

The numbers and texts are those of NVIDIA's "XID Errors" reference.
"""

# Bus addresses of the eight accelerators of a common server.
_BUSES = (0x1B, 0x43, 0x52, 0x61, 0x9D, 0xC3, 0xD1, 0xDF)
_TEXTS = {
    13: "Graphics Exception: ESR 0x404600=0x80000002",
    31: "MMU Fault: ENGINE GRAPHICS GPCCLIENT_T1_3 faulted",
    48: "DBE (double bit error) ECC Error",
    63: "Row Remapper: New row marked for remapping, reset gpu to activate.",
    64: "Row Remapper: Error.",
    74: "NVLink: fatal error detected on link 4",
    79: "GPU has fallen off the bus.",
    94: "Contained ECC Error",
    95: "Uncontained ECC Error",
    119: "Timeout waiting for RPC from GSP!",
}


def kernel_line(gpu: int, xid: int) -> str:
    """The kernel's log line of an error of an accelerator of a node.

    Examples
    --------
    >>> kernel_line(3, 79)
    'NVRM: Xid (PCI:0000:61:00): 79, GPU has fallen off the bus. (GPU 3)'
    """
    text = _TEXTS.get(xid, "GPU error")
    bus = _BUSES[gpu] if gpu < len(_BUSES) else gpu
    return f"NVRM: Xid (PCI:0000:{bus:02x}:00): {xid}, {text} (GPU {gpu})"
