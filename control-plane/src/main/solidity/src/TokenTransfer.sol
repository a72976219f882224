// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The part of ERC-20 that is used here.
interface IERC20 {
    function balanceOf(address account) external view returns (uint256);
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// @title Transfers of tokens as they are, not as the standard wants them
/// @dev Many tokens return nothing, some return false instead of reverting, some keep a fee.
library TokenTransfer {
    error TransferFailed(address token);

    /// @notice Takes `amount` from `from`.
    /// @return received what arrived here, less than `amount` when the token takes a fee
    function pull(IERC20 token, address from, uint256 amount) internal returns (uint256 received) {
        uint256 before = token.balanceOf(address(this));
        _call(token, abi.encodeCall(IERC20.transferFrom, (from, address(this), amount)));
        uint256 balance = token.balanceOf(address(this));
        if (balance < before) revert TransferFailed(address(token));
        return balance - before;
    }

    /// @notice Gives `amount` to `to`.
    function push(IERC20 token, address to, uint256 amount) internal {
        _call(token, abi.encodeCall(IERC20.transfer, (to, amount)));
    }

    function _call(IERC20 token, bytes memory data) private {
        (bool ok, bytes memory result) = address(token).call(data);
        bool refused = !ok || (result.length == 0 ? address(token).code.length == 0 : !_isTrue(result));
        if (refused) revert TransferFailed(address(token));
    }

    function _isTrue(bytes memory result) private pure returns (bool) {
        return result.length >= 32 && abi.decode(result, (uint256)) == 1;
    }
}
