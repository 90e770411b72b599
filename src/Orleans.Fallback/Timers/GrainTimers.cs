using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>A timer of a grain. Disposing it cancels the token of a running callback.</summary>
    public interface IGrainTimer : IDisposable
    {
        /// <summary>Sets both times anew, counted from now.</summary>
        void Change(TimeSpan dueTime, TimeSpan period);
    }

    /// <summary>How a grain timer behaves.</summary>
    public readonly struct GrainTimerCreationOptions : IEquatable<GrainTimerCreationOptions>
    {
        /// <summary>Creates options; both times must be set.</summary>
        public GrainTimerCreationOptions()
        {
        }

        /// <summary>Creates options.</summary>
        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
        {
            DueTime = dueTime;
            Period = period;
        }

        /// <summary>Time to the first callback; <see cref="Timeout.InfiniteTimeSpan"/> means never.</summary>
        public required TimeSpan DueTime { get; init; }

        /// <summary>Time from the end of a callback to the next one; <see cref="Timeout.InfiniteTimeSpan"/> means once.</summary>
        public required TimeSpan Period { get; init; }

        /// <summary>Whether callbacks may run while a call is under way. Default false.</summary>
        public bool Interleave { get; init; }

        /// <summary>Whether callbacks count as use of the grain, so that it is not idle. Default false.</summary>
        public bool KeepAlive { get; init; }

        /// <inheritdoc/>
        public bool Equals(GrainTimerCreationOptions other) =>
            DueTime == other.DueTime && Period == other.Period && Interleave == other.Interleave && KeepAlive == other.KeepAlive;

        /// <inheritdoc/>
        public override bool Equals(object? obj) => obj is GrainTimerCreationOptions other && Equals(other);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(DueTime, Period, Interleave, KeepAlive);

        /// <summary>Whether two are equal.</summary>
        public static bool operator ==(GrainTimerCreationOptions left, GrainTimerCreationOptions right) => left.Equals(right);

        /// <summary>Whether two differ.</summary>
        public static bool operator !=(GrainTimerCreationOptions left, GrainTimerCreationOptions right) => !left.Equals(right);
    }
}

namespace Orleans.Timers
{
    /// <summary>Makes the timers of grains.</summary>
    public interface ITimerRegistry
    {
        /// <summary>Makes a timer of this activation.</summary>
        IGrainTimer RegisterGrainTimer<TState>(
            IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options);
    }
}
