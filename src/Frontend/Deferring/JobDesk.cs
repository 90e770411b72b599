using Admission.Frontend.Configuration;
using Admission.Frontend.Forwarding;
using Admission.Jobs;
using Admission.Jobs.Running;

namespace Admission.Frontend.Deferring;

/// <summary>Finds out which requests may be stored, and which were.</summary>
internal sealed class JobDesk(IServiceProvider services, TimeProvider time)
{
    private JobService? _service;

    // The service runs jobs through the pipeline that asks this desk, so it is looked up late; and not before there is a backend with jobs.
    private JobService Service => _service ??= services.GetRequiredService<JobService>();

    /// <summary>Takes the settings in force.</summary>
    public void Configure(IEnumerable<BackendSettings> backends)
    {
        var policies = backends.Where(backend => backend.Jobs is not null).Select(backend => KeyValuePair.Create(backend.ClusterId, backend.Jobs!)).ToList();
        if (policies.Count > 0 || _service is not null)
        {
            Service.Configure(policies);
        }
    }

    /// <summary>What is special about a request of a backend that has jobs; null for one that is like all others.</summary>
    public AdmissionTerms? TermsFor(HttpContext context, Backend backend, JobPolicy policy)
    {
        if (context.Features.Get<JobTerms>() is { } stored)
        {
            return stored;
        }

        var preferences = Preferences.Of(context.Request);
        return (policy.DefersAll || preferences.RespondAsync) && !Streams.NeedClient(context)
            ? new DeferringTerms(backend.Id, policy, preferences, context.GetRouteId(), backend.Classifier.For(context.GetReverseProxyFeature().Route.Config), Service, time)
            : null;
    }
}
