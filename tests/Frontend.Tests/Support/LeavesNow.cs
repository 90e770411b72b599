using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Admission.Frontend.Tests.Support;

/// <summary>A client that leaves when the first header of its response is set, which is between the grant and the backend.</summary>
internal sealed class LeavesNow(CancellationTokenSource gone) : HttpResponseFeature, IHttpResponseFeature
{
    IHeaderDictionary IHttpResponseFeature.Headers
    {
        get
        {
            gone.Cancel();
            return Headers;
        }

        set => Headers = value;
    }

    /// <summary>Makes the request's client one of these.</summary>
    public static LeavesNow PutInto(HttpContext context)
    {
        var gone = new CancellationTokenSource();
        var response = new LeavesNow(gone);
        context.RequestAborted = gone.Token;
        context.Features.Set<IHttpResponseFeature>(response);
        return response;
    }
}
