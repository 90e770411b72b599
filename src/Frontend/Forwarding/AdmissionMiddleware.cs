using System.Globalization;
using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Buffering;
using Admission.Frontend.Classification;
using Admission.Frontend.Configuration;
using Admission.Frontend.Deferring;
using Admission.Frontend.Holding;
using Admission.Frontend.Problems;
using Admission.Frontend.Recording;
using Admission.Security.Callers;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Admission.Frontend.Forwarding;

/// <summary>
/// Admission in YARP's pipeline: take the body in, take a permit, forward to the destination that the permit names, give the permit back when the backend
/// is done, with how it went, and only then wait for the client to have read the rest.
/// </summary>
/// <remarks>The permit of what is forwarded is given back in exactly one place, the finally of <see cref="ForwardAsync"/>.</remarks>
internal sealed partial class AdmissionMiddleware(
    RequestDelegate next, BackendTable backends, AdmissionClient client, Buffers buffers, RunCancellations cancellations, ILogger<AdmissionMiddleware> logger, TimeProvider time,
    ArrivalRecorder recorder, JobDesk jobs, HoldDesk holding, AccessGate gate)
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
            return StartingProblem.Describe(cluster, backends.WaitingFor(cluster)).WriteAsync(context);
        }

        if (backend is null)
        {
            return next(context);
        }

        var classifier = backend.Classifier;
        var route = classifier.For(proxy.Route.Config);
        return route.NeedsUser && gate.KnowsAnybody ? IdentifyAsync(context, proxy, backend, classifier, route) : BeginAsync(context, proxy, backend, classifier, route);
    }

    private Task BeginAsync(HttpContext context, IReverseProxyFeature proxy, Backend backend, BackendClassifier classifier, RouteClassifier route)
    {
        if (!backend.Settings.IsEnforced)
        {
            return PassAsync(context, proxy, backend);
        }

        return route.Hold is { } hold && holding.Begin(context, backend.Id, hold) is { } held
            ? HoldAsync(held, context, proxy, backend, classifier, route)
            : AdmitAsync(context, proxy, backend, classifier, route);
    }

    private Task AdmitAsync(HttpContext context, IReverseProxyFeature proxy, Backend backend, BackendClassifier classifier, RouteClassifier route) =>
        backend.Settings.Jobs is { } policy && jobs.TermsFor(context, backend, policy) is { } terms
            ? AdmitAsync(context, proxy, backend, terms)
            : AdmitPlainAsync(context, proxy, backend, classifier, route);

    // A request without a body that is decided at once, which is nearly every one, needs no asynchronous method but that which forwards it.
    private Task AdmitPlainAsync(HttpContext context, IReverseProxyFeature proxy, Backend backend, BackendClassifier classifier, RouteClassifier route)
    {
        var request = route.Take(context, out var runTimeout, out var problem);
        if (problem is not null)
        {
            return problem.WriteAsync(context);
        }

        request = route.Hold is null ? request : HeldConnection.Apply(context, request);
        var asked = new Asked(context, proxy, backend, classifier.Settings, route, request, runTimeout, context.RequestAborted);
        if (IsTakenIn(asked))
        {
            return TakeInAsync(asked);
        }

        var recording = recorder.Begin(context, backend.Id, request);
        if (recording is null && backend.Shadow is null && !asked.ClientGone.IsCancellationRequested)
        {
            return client.Ask(backend.Id, request, WatcherOf(asked), out var outcome, asked.ClientGone) is { } pending
                ? ParkAsync(new Parked(context, backend, asked.Settings, route, runTimeout), pending)
                : ProceedAsync(asked, outcome, shadow: null);
        }

        var decision = AcquireAsync(asked);
        return AwaitAsync(asked, recording, BeginShadow(asked, decision), decision);
    }

    private static ShadowRequest? BeginShadow(in Asked asked, in ValueTask<AdmissionOutcome> decision) =>
        asked.Backend.Shadow?.Begin(asked.Request, waits: !decision.IsCompleted, asked.ClientGone);

    private static bool IsTakenIn(in Asked asked) =>
        RequestBuffer.HasBody(asked.Context) && asked.Settings.RequestBuffer.Enabled && asked.Route.Route.BuffersRequests && !Streams.IsDuplex(asked.Context.Request);

    private async Task TakeInAsync(Asked asked)
    {
        BufferedBody? body = null;
        try
        {
            var (context, settings) = (asked.Context, asked.Settings.RequestBuffer);
            var routeHasOwnBound = asked.Proxy.Route.Config.MaxRequestBodySize is not null;
            (body, var taken) = await RequestBuffer.ReadAsync(context, settings, buffers, routeHasOwnBound, asked.ClientGone);
            if (body is null)
            {
                await BodyProblems.Describe(asked.Backend.Id, taken, settings).WriteAsync(context);
                return;
            }

            var recording = recorder.Begin(context, asked.Backend.Id, asked.Request);
            var decision = AcquireAsync(asked);
            await AwaitAsync(asked, recording, BeginShadow(asked, decision), decision);
        }
        catch (Exception exception) when (HasLeft(asked.ClientGone, exception))
        {
            SetStatus(asked.Context, ClientClosedRequest);
        }
        finally
        {
            body?.Dispose();
        }
    }

    private async Task AwaitAsync(Asked asked, RecordedRequest? recording, ShadowRequest? shadow, ValueTask<AdmissionOutcome> decision)
    {
        try
        {
            var outcome = await decision;
            recording?.Decided(outcome.IsAdmitted);
            await ProceedAsync(asked, outcome, shadow);
        }
        catch (Exception exception) when (HasLeft(asked.ClientGone, exception))
        {
            SetStatus(asked.Context, ClientClosedRequest);
        }
        finally
        {
            recording?.End();
            shadow?.Dispose();
        }
    }

    private Task ProceedAsync(in Asked asked, in AdmissionOutcome outcome, ShadowRequest? shadow)
    {
        var ticket = outcome.NameTicket(asked.Request);
        if (outcome.Refusal is { } refusal)
        {
            if (!asked.Backend.Settings.IsEnforced)
            {
                // Since it asked nothing is enforced any more, and the client's place at the ledger is gone.
                return next(asked.Context);
            }

            var written = RefusalText.WriteAsync(asked.Context, asked.Backend, refusal, asked.Request.Weight > 1, ticket);
            return written.IsCompletedSuccessfully ? written : RefuseSlowlyAsync(asked, written);
        }

        return ForwardAsync(asked, outcome.Permit, outcome.Waited, ticket, shadow);
    }

    private static async Task RefuseSlowlyAsync(Asked asked, Task written)
    {
        try
        {
            await written;
        }
        catch (Exception exception) when (HasLeft(asked.ClientGone, exception))
        {
            SetStatus(asked.Context, ClientClosedRequest);
        }
    }

    private async Task ForwardAsync(Asked asked, AdmittedPermit permit, TimeSpan waited, TicketId ticket, ShadowRequest? shadow)
    {
        var (context, proxy, backend, settings, route, _, runTimeout, clientGone) = asked;
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
            try
            {
                shadow?.RunBegan();
                if (route.Hold is not null)
                {
                    HeldConnection.Of(context)?.RunBegan(waited);
                }

                TellWait(context.Response.Headers, waited, ticket);
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
                    proxy = Fence(features, proxy, backend);
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
        catch (Exception exception) when (HasLeft(asked.ClientGone, exception))
        {
            SetStatus(context, ClientClosedRequest);
        }
    }

    // Then nobody is there to be told; the status is for logs and metrics.
    private static bool HasLeft(CancellationToken clientGone, Exception exception) =>
        clientGone.IsCancellationRequested && exception is OperationCanceledException or IOException;

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

    private IReverseProxyFeature Fence(IFeatureCollection features, IReverseProxyFeature proxy, Backend backend)
    {
        var cluster = backend.Fence(proxy.Cluster, logger);
        if (proxy is ReverseProxyFeature own)
        {
            own.Cluster = cluster;
            own.ProxiedDestination = null;
            return proxy;
        }

        proxy = new ReverseProxyFeature
        {
            Route = proxy.Route,
            Cluster = cluster,
            AllDestinations = proxy.AllDestinations,
            AvailableDestinations = proxy.AvailableDestinations,
        };
        features.Set(proxy);
        return proxy;
    }

    private static void TellWait(IHeaderDictionary headers, TimeSpan waited, in TicketId ticket)
    {
        headers.Append("Server-Timing", ServerTiming(waited));
        if (!ticket.IsNone)
        {
            headers[Problem.TicketHeader] = ticket.ToString();
        }
    }

    private static string ServerTiming(TimeSpan waited) =>
        waited == TimeSpan.Zero ? NoWait : string.Create(CultureInfo.InvariantCulture, $"admission;dur={waited.TotalMilliseconds:0.###}");

    private static void SetStatus(HttpContext context, int status)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.StatusCode = status;
        }
    }

    /// <summary>A request on its way through this middleware.</summary>
    /// <param name="Context">The request.</param>
    /// <param name="Proxy">What YARP knows of it.</param>
    /// <param name="Backend">Its backend.</param>
    /// <param name="Settings">The backend's settings, the same throughout.</param>
    /// <param name="Route">What they mean for its route.</param>
    /// <param name="Request">What it asks.</param>
    /// <param name="RunTimeout">How long it may run.</param>
    /// <param name="ClientGone">Its client has left.</param>
    private readonly record struct Asked(
        HttpContext Context, IReverseProxyFeature Proxy, Backend Backend, BackendSettings Settings, RouteClassifier Route, AdmissionRequest Request, TimeSpan RunTimeout,
        CancellationToken ClientGone);
}
