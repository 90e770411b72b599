using Admission.Capacity;
using Admission.Frontend.Problems;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Admission.Frontend.Forwarding;

/// <summary>What the end of a run says about the destination that it was at.</summary>
internal static class RunOutcomes
{
    /// <summary>What a run says. Who has begun to answer has served, however it went on with our side; a status is an answer.</summary>
    /// <param name="end">Why the gateway ended it, if it did.</param>
    /// <param name="error">What YARP says.</param>
    /// <param name="hasAnswered">The response had begun.</param>
    /// <param name="status">Its status. 503 says that the destination is overloaded; 429 only that this client asks too much (RFC 6585).</param>
    /// <param name="wasCutEarly">The request itself asked for less time than its route gives, which says nothing of the destination.</param>
    public static RunOutcome Of(RunEnd end, IForwarderErrorFeature? error, bool hasAnswered, int status, bool wasCutEarly) => (end, error?.Error) switch
    {
        (RunEnd.NotSent, _) => RunOutcome.Unknown,
        (not RunEnd.None, _) when hasAnswered => RunOutcome.Served,
        (RunEnd.RunTimeout, _) => wasCutEarly ? RunOutcome.Unknown : RunOutcome.TimedOut,
        (not RunEnd.None, _) => RunOutcome.Unknown,
        (_, null) => status == StatusCodes.Status503ServiceUnavailable ? RunOutcome.Overloaded : RunOutcome.Served,
        // The connections' own time-out to connect says so by its cause; a destination that accepts and is silent, by none.
        (_, ForwarderError.RequestTimedOut) => error!.Exception?.InnerException is TimeoutException ? RunOutcome.ConnectFailed : RunOutcome.TimedOut,
        (_, ForwarderError.Request) => ForwardingProblems.IsConnectFailure(error!.Exception) ? RunOutcome.ConnectFailed : RunOutcome.Broken,
        (_, ForwarderError.RequestBodyDestination or ForwarderError.ResponseBodyDestination) => RunOutcome.Broken,
        (_, ForwarderError.ResponseHeaders) => RunOutcome.Served,
        _ => hasAnswered ? RunOutcome.Served : RunOutcome.Unknown,
    };

    /// <summary>
    /// A permit without a destination stands for all of the cluster's: if there are several, the failure of the one that the load balancer chose says nothing of the others.
    /// </summary>
    /// <param name="outcome">What the run says.</param>
    /// <param name="destination">The permit's destination.</param>
    /// <param name="cluster">The cluster.</param>
    public static RunOutcome Attribute(RunOutcome outcome, string destination, ClusterState? cluster) =>
        destination.Length > 0 || outcome is RunOutcome.Served or RunOutcome.Overloaded || cluster is { Destinations.Count: <= 1 } ? outcome : RunOutcome.Unknown;
}
