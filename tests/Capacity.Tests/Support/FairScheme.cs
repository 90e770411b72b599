namespace Admission.Capacity.Tests;

/// <summary>How a <see cref="FairLab"/> orders its modest tenants and the greedy one.</summary>
internal enum FairScheme
{
    /// <summary>As the ledger does, with the burst credit.</summary>
    Ours,

    /// <summary>Start-time fair queueing without a burst credit.</summary>
    Plain,

    /// <summary>The modest ones have a priority of their own, in which they take the same turns among themselves as in <see cref="Ours"/>.</summary>
    OwnPriority,

    /// <summary>The modest ones have a priority of their own, in which they are served in order of arrival: the best that anybody can do for them without leaving servers idle.</summary>
    OwnPriorityInOrder,
}
