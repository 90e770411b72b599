using System.Globalization;
using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Buffering;
using Admission.Frontend.Classification;
using Admission.Frontend.Configuration;
using Admission.Frontend.Problems;
using Admission.Frontend.Recording;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Admission.Frontend.Forwarding;

/// <summary>
/// Admission in YARP's pipeline: take the body in, take a permit, forward to the destination that the permit names, give the permit back when the backend
/// is done, with how it went, and only then wait for the client to have read the rest.
/// </summary>
/// <remarks>The permit is given back in exactly one place, the finally of <see cref="ForwardAsync"/>.</remarks>
internal sealed partial class AdmissionMiddleware(
    RequestDelegate next, BackendTable backends, AdmissionClient client, Buffers buffers, RunCancellations cancellations, ILogger<AdmissionMiddleware> logger, TimeProvider time,
    ArrivalRecorder recorder)
{
    private const string NoWait = "admission;dur=0";

    /// <summary>A backend that stops what is abandoned sees that its connection is closed a moment later, and until then its place is taken.</summary>
    private static readonly TimeSpan TimeToNotice = TimeSpan.FromMilliseconds(100);

    private static readonly int ClientClosedRequest = StatusCodes.Status499ClientClosedRequest;

    /// <summary>Handles one request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        var cluster = proxy.Cluster.Config.ClusterId;
        if (!backends.TryGet(cluster, out var backend))
        {
            return StartingProblem.Describe(cluster, backends.Waiting).WriteAsync(context);
        }

        return backend is null ? next(context) : backend.Settings.IsEnforced ? AdmitAsync(context, proxy, backend) : PassAsync(context, proxy, backend);
    }

    private async Task AdmitAsync(HttpContext context, IReverseProxyFeature proxy, Backend backend)
    {
        var classifier = backend.Classifier;
        var settings = classifier.Settings;
        var route = classifier.For(proxy.Route.Config);
        var request = route.Take(context, out var runTimeout, out var problem);
        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        var clientGone = context.RequestAborted;
        BufferedBody? body = null;
        RecordedRequest? recording = null;
        ShadowRequest? shadow = null;
        try
        {
            if (RequestBuffer.HasBody(context) && settings.RequestBuffer.Enabled && route.Route.BuffersRequests && !Streams.IsDuplex(context.Request))
            {
                var routeHasOwnBound = proxy.Route.Config.MaxRequestBodySize is not null;
                (body, var taken) = await RequestBuffer.ReadAsync(context, settings.RequestBuffer, buffers, routeHasOwnBound, clientGone);
                if (body is null)
                {
                    await BodyProblems.Describe(backend.Id, taken, settings.RequestBuffer).WriteAsync(context);
                    return;
                }
            }

            recording = recorder.Begin(context, backend.Id, request);
            var deciding = client.AcquireAsync(backend.Id, request, clientGone);
            shadow = backend.Shadow?.Begin(request, waits: !deciding.IsCompleted, clientGone);
            var outcome = await deciding;
            recording?.Decided(outcome.IsAdmitted);
            var ticket = outcome.NameTicket(request);
            if (outcome.Refusal is { } refusal)
            {
                if (!backend.Settings.IsEnforced)
                {
                    // Since it asked nothing is enforced any more, and the client's place at the ledger is gone.
                    await next(context);
                    return;
                }

                await RefusalText.WriteAsync(context, backend, refusal, request.Weight > 1, ticket);
                return;
            }

            context.Response.Headers.Append("Server-Timing", ServerTiming(outcome.Waited));
            if (!ticket.IsNone)
            {
                context.Response.Headers[Problem.TicketHeader] = ticket.ToString();
            }

            await ForwardAsync(context, proxy, backend, settings, route, runTimeout, outcome.Permit, shadow, clientGone);
        }
        catch (Exception exception) when (clientGone.IsCancellationRequested && exception is OperationCanceledException or IOException)
        {
            // Nobody is there to be told; the status is for logs and metrics.
            SetStatus(context, ClientClosedRequest);
        }
        finally
        {
            body?.Dispose();
            recording?.End();
            shadow?.Dispose();
        }
    }

    private async Task ForwardAsync(
        HttpContext context, IReverseProxyFeature proxy, Backend backend, BackendSettings settings, RouteClassifier route, TimeSpan runTimeout,
        AdmittedPermit permit, ShadowRequest? shadow, CancellationToken clientGone)
    {
        shadow?.RunBegan();
        var started = route.Measures ? time.GetTimestamp() : 0;
        var features = context.Features;
        var lifetime = features.Get<IHttpRequestLifetimeFeature>();
        var response = features.GetRequiredFeature<IHttpResponseBodyFeature>();
        ResponseBuffer? buffer = null;
        var end = RunEnd.None;
        var found = true;
        var outcome = RunOutcome.Unknown;
        try
        {
            using var watch = PatienceWatch.Begin(permit, context.Response, clientGone);

            // Who has left while the permit was on its way is not worth the backend's work.
            clientGone.ThrowIfCancellationRequested();
            using var run = new Run(cancellations, settings.Policy, lifetime, clientGone, permit.Life, runTimeout);
            if (settings.Policy.StopsWhenAbandoned)
            {
                run.StopWhenClientLeaves();
            }

            found = TryNarrow(proxy, permit.Destination);
            if (found)
            {
                var buffered = settings.ResponseBuffer.Enabled && route.Route.BuffersResponses && !Streams.IsDuplex(context.Request);
                buffer = new ResponseBuffer(response, buffered ? settings.ResponseBuffer : null, buffers, clientGone, features.Get<IHttpResponseFeature>());
                features.Set<IHttpRequestLifetimeFeature>(run);
                features.Set<IHttpResponseBodyFeature>(buffer);
                Streams.WatchUpgrade(features, run);
                proxy = Fence(proxy, backend);
                features.Set(proxy);
                run.EnterFlow();
                await next(context);
            }

            end = run.End;
            var wasCutEarly = runTimeout < route.RunTimeout;
            outcome = found ? OutcomeOf(context, proxy, permit.Destination, end, wasCutEarly) : RunOutcome.Unknown;
            if (route.Measures && found && ShowsCost(context, end, wasCutEarly))
            {
                route.Measured(context, time.GetElapsedTime(started));
            }

            if (end == RunEnd.RunTimeout && !wasCutEarly)
            {
                permit.RunTimedOut();
            }

            if (found && end is RunEnd.ClientLeft or RunEnd.RunTimeout)
            {
                await Task.Delay(TimeToNotice, time);
            }
        }
        finally
        {
            permit.Release(outcome);
            shadow?.RunEnded(whole: outcome != RunOutcome.Unknown);
            recorder.Released(context, outcome);
            features.Set(lifetime);
            features.Set(response);
            if (buffer is not null)
            {
                await buffer.DrainAsync();
            }
        }

        await FinishAsync(context, proxy, backend.Id, runTimeout, found, end, buffer);
    }

    // A request that failed at once, or that somebody cut off, does not show what its kind costs. One that was cut off at the end of its whole time costs so much at least.
    private static bool ShowsCost(HttpContext context, RunEnd end, bool wasCutEarly) => end switch
    {
        RunEnd.RunTimeout => !wasCutEarly,
        RunEnd.None => context.Response.StatusCode is >= 200 and < 400 && context.Features.Get<IForwarderErrorFeature>() is null,
        _ => false,
    };

    private static Task FinishAsync(
        HttpContext context, IReverseProxyFeature proxy, string backend, TimeSpan runTimeout, bool found, RunEnd end, ResponseBuffer? buffer)
    {
        if (buffer is { Truncated: true })
        {
            context.Abort();
        }

        if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
        {
            return Task.CompletedTask;
        }

        var problem = found
            ? ForwardingProblems.Describe(
                backend, proxy.ProxiedDestination?.DestinationId, end, runTimeout, context.Features.Get<IForwarderErrorFeature>())
            : BodyProblems.DestinationGone(backend);
        if (problem is null)
        {
            return Task.CompletedTask;
        }

        context.Response.Clear();
        return problem.WriteAsync(context);
    }

    private static RunOutcome OutcomeOf(HttpContext context, IReverseProxyFeature proxy, string destination, RunEnd end, bool wasCutEarly)
    {
        var error = context.Features.Get<IForwarderErrorFeature>();

        // Something between the gateway and the forwarder has answered by itself, such as session affinity: no destination was asked.
        return error is null && proxy.ProxiedDestination is null
            ? RunOutcome.Unknown
            : RunOutcomes.Attribute(RunOutcomes.Of(end, error, context.Response.HasStarted, context.Response.StatusCode, wasCutEarly), destination, proxy.Route.Cluster);
    }

    // The permit is for one destination, so the load balancer has nothing to choose. A permit that names none leaves the choice to it.
    private static bool TryNarrow(IReverseProxyFeature proxy, string destination)
    {
        if (destination.Length == 0)
        {
            return true;
        }

        if (proxy.Route.Cluster is not { } cluster || !cluster.Destinations.TryGetValue(destination, out var state))
        {
            return false;
        }

        proxy.AvailableDestinations = state;
        return true;
    }

    private ReverseProxyFeature Fence(IReverseProxyFeature proxy, Backend backend) => new()
    {
        Route = proxy.Route,
        Cluster = backend.Fence(proxy.Cluster, LogUnfenced),
        AllDestinations = proxy.AllDestinations,
        AvailableDestinations = proxy.AvailableDestinations,
    };

    [LoggerMessage(2021, LogLevel.Warning, "The connections to backend '{Backend}' do not check the lease before they write. Call UseAdmissionFence() on the SocketsHttpHandler in ConfigureHttpClient or in the HTTP client factory.")]
    private partial void LogUnfenced(string backend);

    private static string ServerTiming(TimeSpan waited) =>
        waited == TimeSpan.Zero ? NoWait : string.Create(CultureInfo.InvariantCulture, $"admission;dur={waited.TotalMilliseconds:0.###}");

    private static void SetStatus(HttpContext context, int status)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.StatusCode = status;
        }
    }
}
