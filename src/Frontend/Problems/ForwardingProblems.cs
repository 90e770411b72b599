using Admission.Frontend.Forwarding;
using Yarp.ReverseProxy.Forwarder;

namespace Admission.Frontend.Problems;

/// <summary>What went wrong between gateway and backend, as an answer to the client.</summary>
internal static class ForwardingProblems
{
    /// <summary>The problem, or null when YARP's answer is the backend's own.</summary>
    public static Problem? Describe(string backend, string? destination, RunEnd end, TimeSpan runTimeout, IForwarderErrorFeature? error)
    {
        var where = destination is null ? $"The backend '{backend}'" : $"The destination '{destination}' of the backend '{backend}'";
        return (end, error?.Error) switch
        {
            (RunEnd.RunTimeout, _) => New(504, "run-timeout", "The backend took too long",
                $"{where} did not finish within {runTimeout.TotalSeconds:0.###} s (RunTimeout). What it did is not known."),
            (RunEnd.NotSent, _) => New(503, "lease-lost-before-sending", "The gateway has lost its right to the backend",
                $"This gateway's lease ran out before it had sent the request to the backend '{backend}', so nothing was sent. Try again in a second.") with
            { RetryAfter = 1 },
            (RunEnd.LeaseLost, _) => New(504, "lease-lost", "The gateway has lost its right to the backend",
                $"{where} was still working when this gateway lost its lease. What it did is not known."),
            (_, null) => null,
            (_, ForwarderError.NoAvailableDestinations) => New(503, "no-available-destination", "The backend has no available destination",
                $"The backend '{backend}' has no destination that is healthy.") with
            { RetryAfter = 1 },
            (_, ForwarderError.RequestTimedOut) => New(504, "backend-timeout", "The backend did not answer in time",
                $"{where} did not accept a connection or did not answer in time."),
            (_, ForwarderError.Request) when IsConnectFailure(error!.Exception) =>
                New(502, "backend-connection-failed", "The backend cannot be reached", $"{where} does not accept connections. Is it running?"),
            (_, ForwarderError.Request) => New(502, "backend-response-failed", "The backend closed the connection before answering",
                $"{where} closed the connection before it had answered. What it did is not known."),
            (_, ForwarderError.ResponseHeaders) => New(502, "backend-response-invalid", "The backend's answer cannot be passed on",
                $"{where} answered with headers that cannot be passed on."),
            (_, ForwarderError.ResponseBodyDestination or ForwarderError.ResponseBodyCanceled) => New(502, "backend-response-failed",
                "The backend closed the connection while answering", $"{where} closed the connection in the middle of its answer."),
            (_, ForwarderError.RequestBodyClient or ForwarderError.RequestBodyCanceled) => New(400, "request-body-failed",
                "The request's body did not arrive", "The request's body ended before it was complete."),
            (_, ForwarderError.RequestBodyDestination) => New(502, "backend-request-failed", "The backend did not take the request",
                $"{where} closed the connection while the request was sent to it. What it did is not known."),
            _ => New(502, "forwarding-failed", "The request could not be passed on", $"{where} could not be asked ({error!.Error})."),
        };

        Problem New(int status, string reason, string title, string detail) => new(status, reason, title, detail, backend);
    }

    /// <summary>Whether no connection could be made, so that nothing was sent.</summary>
    public static bool IsConnectFailure(Exception? exception) => exception is HttpRequestException { HttpRequestError: var cause } && cause is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
        or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError;
}
