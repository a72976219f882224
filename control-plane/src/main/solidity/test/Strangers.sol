// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CapacityRegistry} from "../src/CapacityRegistry.sol";
import {DevToken} from "../src/DevToken.sol";

/// @notice What anybody may do to a registry, much of it in one transaction. Needs tokens.
contract Strangers {
    CapacityRegistry private immutable registry;

    constructor(CapacityRegistry registry_, DevToken token) {
        registry = registry_;
        token.approve(address(registry_), type(uint256).max);
    }

    /// takes a name and says of it whatever it likes
    function squat(string calldata name, uint64 milliUnitsPerSecond, uint32 slots) external {
        registry.register(name, address(this), 0, registry.minStake());
        registry.declare(registry.idOf(name), milliUnitsPerSecond, slots, new string[](0));
    }

    /// as many registrations
    function crowd(uint256 from, uint256 count) external {
        uint256 stake = registry.minStake();
        for (uint256 i = from; i < from + count; i++) {
            registry.register(string.concat("x", _digits(i)), address(this), 0, stake);
        }
    }

    /// as many changes of the endpoint in one block
    function poison(string calldata name, uint256 count) external {
        bytes32 id = registry.idOf(name);
        for (uint256 i = 0; i < count; i++) {
            registry.setEndpoint(id, bytes32(i));
        }
    }

    /// as many declarations in one block
    function flood(string calldata name, uint256 count) external {
        bytes32 id = registry.idOf(name);
        string[] memory any = new string[](0);
        for (uint256 i = 0; i < count; i++) {
            registry.declare(id, 1_000, 1, any);
        }
    }

    function hand(string calldata name, address owner) external {
        registry.setOwner(registry.idOf(name), owner);
    }

    function _digits(uint256 number) private pure returns (string memory) {
        bytes memory text = new bytes(7);
        for (uint256 i = 7; i > 0; i--) {
            text[i - 1] = bytes1(uint8(48 + number % 10));
            number /= 10;
        }
        return string(text);
    }
}
