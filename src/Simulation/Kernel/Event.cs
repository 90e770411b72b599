using System.Runtime.InteropServices;

namespace Admission.Simulator;

/// <summary>One event: what happens when to whom.</summary>
/// <typeparam name="TKind">The kinds of events that a world has.</typeparam>
/// <param name="at">When, in ticks of virtual time.</param>
/// <param name="order">Its number in the order of scheduling, which decides between events of one instant.</param>
/// <param name="kind">What happens.</param>
/// <param name="target">To whom.</param>
/// <param name="number">What tells it from others of its kind.</param>
/// <param name="item">What it carries.</param>
[StructLayout(LayoutKind.Auto)]
public readonly struct Event<TKind>(long at, long order, TKind kind, int target, long number, object? item)
    where TKind : struct, Enum
{
    /// <summary>When, in ticks of virtual time.</summary>
    public long At { get; } = at;

    /// <summary>Its number in the order of scheduling.</summary>
    public long Order { get; } = order;

    /// <summary>What happens.</summary>
    public TKind Kind { get; } = kind;

    /// <summary>To whom.</summary>
    public int Target { get; } = target;

    /// <summary>What tells it from others of its kind.</summary>
    public long Number { get; } = number;

    /// <summary>What it carries.</summary>
    public object? Item { get; } = item;

    /// <summary>Whether it comes before another.</summary>
    /// <param name="other">The other.</param>
    public bool Precedes(in Event<TKind> other) => At < other.At || (At == other.At && Order < other.Order);
}
