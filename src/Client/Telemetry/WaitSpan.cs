using System.Diagnostics;
using Admission.Capacity;

namespace Admission.Client.Telemetry;

/// <summary>
/// The span <c>admission.wait</c> of a request that waits for its permit. It is made when the wait is over, of what was noted when it began: a request that is decided at once leaves none,
/// and whichever thread decides keeps its own current activity.
/// </summary>
internal sealed class WaitSpan
{
    public const string Name = "admission.wait";

    private static readonly ActivitySource Source = new(AdmissionTelemetry.ActivitySource);

    private readonly ActivityContext _parent;
    private readonly DateTimeOffset _began;
    private readonly string _backend;
    private readonly string _priority;

    private WaitSpan(ActivityContext parent, DateTimeOffset began, string backend, string priority)
    {
        _parent = parent;
        _began = began;
        _backend = backend;
        _priority = priority;
    }

    /// <summary>Notes that a request begins to wait; null while nobody listens.</summary>
    public static WaitSpan? Begin(string backend, BackendPolicy policy, int priority, TimeProvider time) =>
        Source.HasListeners() ? new WaitSpan(Activity.Current?.Context ?? default, time.GetUtcNow(), backend, MetricTags.PriorityOf(policy, priority)) : null;

    /// <summary>The wait is over.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="refusal">Why the request was refused; null if it was not.</param>
    /// <param name="ticket">Its name; none if nobody could explain it.</param>
    /// <param name="waited">How long it was.</param>
    public void End(string outcome, Refusal? refusal, in TicketId ticket, TimeSpan waited)
    {
        // Who decides is often another request, which is not this one's parent.
        var current = Activity.Current;
        Activity.Current = null;
        try
        {
            using var span = Source.StartActivity(Name, ActivityKind.Internal, _parent, tags: null, links: null, _began);
            if (span is null)
            {
                return;
            }

            span.SetTag(MetricTags.BackendKey, _backend).SetTag(MetricTags.PriorityKey, _priority).SetTag(MetricTags.OutcomeKey, outcome);
            if (!ticket.IsNone)
            {
                span.SetTag("admission.ticket", ticket.ToString());
            }

            if (refusal is not null)
            {
                var reason = MetricTags.ReasonOf(refusal.Reason);
                span.SetTag(MetricTags.ReasonKey, reason).SetStatus(ActivityStatusCode.Error, reason);
            }

            span.SetEndTime((_began + waited).UtcDateTime);
        }
        finally
        {
            Activity.Current = current;
        }
    }
}
