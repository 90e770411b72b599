using Admission.Security.Answers;
using Admission.Security.Callers;
using Admission.Security.Schemes;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Admission.Security.Login;

/// <summary><c>/admission/login</c> and <c>/admission/logout</c>, for browsers.</summary>
internal static partial class LoginEndpoints
{
    /// <summary>Where browsers log in.</summary>
    public const string LoginPath = "/admission/login";

    /// <summary>Where they end their session: a POST, with no more in it.</summary>
    public const string LogoutPath = "/admission/logout";

    /// <summary>Where a login leads that was not asked for by an address.</summary>
    public const string Home = "/admission/dashboard";

    private const string ReturnField = "returnUrl";
    private const int LargestForm = 16 << 10;
    private const int MostFields = 20;
    private const int LongestReturn = 2_000;

    /// <summary>Maps the addresses.</summary>
    public static void MapLogin(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(LoginPath, (HttpContext context, AccessGate gate, IAntiforgery forms) => ShowAsync(context, gate, forms, context.Request.Query[ReturnField], problem: null));
        endpoints.MapPost(LoginPath, LogInAsync);
        endpoints.MapPost(LogoutPath, LogOutAsync);
    }

    /// <summary>The address of the page that leads back here.</summary>
    public static string AddressFor(HttpRequest request) =>
        LoginPath + QueryString.Create(ReturnField, $"{request.PathBase}{request.Path}{request.QueryString}");

    /// <summary>Where to go after a login: an address of ours, on this host.</summary>
    public static string SafeReturn(string? asked) =>
        asked is { Length: <= LongestReturn } && asked.StartsWith("/admission/", StringComparison.Ordinal) && asked.All(letter => letter is > ' ' and < '\x7f' and not '\\') ? asked : Home;

    private static Task ShowAsync(HttpContext context, AccessGate gate, IAntiforgery forms, string? asked, AccessProblem? problem)
    {
        var response = context.Response;
        OwnHeaders.Put(response);
        response.Headers.ContentSecurityPolicy = LoginPage.Policy;
        response.ContentType = "text/html; charset=utf-8";
        if (!gate.HasLogin)
        {
            return response.WriteAsync(LoginPage.Text("No login",
                "No key is configured (Admission:Security:Keys) with which anybody could log in. Without one this is open to callers on this machine, and to nobody else.", Home), context.RequestAborted);
        }

        if (!gate.CanCheckSessions)
        {
            problem = AccessProblem.SessionsUnknown;
            response.StatusCode = problem.Status;
            response.Headers.RetryAfter = problem.RetryAfter?.ToString(System.Globalization.CultureInfo.InvariantCulture);
            return response.WriteAsync(LoginPage.Text("No login yet", problem.Detail, LoginPath), context.RequestAborted);
        }

        // Antiforgery has its own idea of these, and warns where it finds another.
        response.Headers.CacheControl = default;
        response.Headers.XFrameOptions = default;
        var tokens = forms.GetAndStoreTokens(context);
        response.Headers.XFrameOptions = "DENY";
        response.Headers.CacheControl = "no-store";
        if (problem is not null)
        {
            response.StatusCode = problem.Status;
            response.Headers.RetryAfter = problem.RetryAfter?.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return response.WriteAsync(
            LoginPage.Form(LoginPath, SafeReturn(asked), tokens.FormFieldName, tokens.RequestToken ?? "", problem?.Detail), context.RequestAborted);
    }

    private static async Task LogInAsync(HttpContext context, AccessGate gate, IAntiforgery forms, ILoggerFactory loggers)
    {
        if (CrossSite.Changes(context))
        {
            await AccessProblem.FromAnotherSite.WriteAsync(context);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = LargestForm;
        }

        if (!context.Request.HasFormContentType || !gate.HasLogin)
        {
            await AccessProblem.NoCredentials.WriteAsync(context);
            return;
        }

        if (!gate.CanCheckSessions)
        {
            await AccessProblem.SessionsUnknown.WriteAsync(context);
            return;
        }

        if (await ReadAsync(context) is not { } form)
        {
            return;
        }

        if (!await forms.IsRequestValidAsync(context))
        {
            await ShowAsync(context, gate, forms, form[ReturnField], StaleForm);
            return;
        }

        var caller = gate.Check(context, form["key"].ToString().Trim());
        if (caller.User is not { } user || caller.Role < AccessRole.Viewer)
        {
            await ShowAsync(context, gate, forms, form[ReturnField], caller.Wrong ?? AccessProblem.Role(AccessRole.Viewer));
            return;
        }

        await context.SignInAsync(AdmissionSchemes.Session, user);
        LogLoggedIn(loggers.CreateLogger(typeof(LoginEndpoints)), user.Identity?.Name ?? "", caller.Role, ClientAddress.Name(context.Connection.RemoteIpAddress) ?? "this machine");
        OwnHeaders.Put(context.Response);
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = SafeReturn(form[ReturnField]);
    }

    /// <summary>Reads the form, once for all who ask for it; null where it is none, and the answer says so.</summary>
    private static async Task<IFormCollection?> ReadAsync(HttpContext context)
    {
        try
        {
            return await context.Request.ReadFormAsync(new FormOptions { BufferBodyLengthLimit = LargestForm, ValueCountLimit = MostFields, MultipartBodyLengthLimit = LargestForm }, context.RequestAborted);
        }
        catch (Exception exception) when (exception is BadHttpRequestException or InvalidDataException or IOException)
        {
            await (exception is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } ? LargeForm : NoForm).WriteAsync(context);
            return null;
        }
    }

    private static async Task LogOutAsync(HttpContext context)
    {
        if (CrossSite.Changes(context))
        {
            await AccessProblem.FromAnotherSite.WriteAsync(context);
            return;
        }

        await context.SignOutAsync(AdmissionSchemes.Session);
        OwnHeaders.Put(context.Response);
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = LoginPath;
    }

    private static AccessProblem NoForm { get; } = new(StatusCodes.Status400BadRequest, "form-not-understood", "The form is not understood", "What was sent cannot be read as the form of /admission/login. Open that page, and enter the key there.");

    private static AccessProblem LargeForm { get; } = new(StatusCodes.Status413PayloadTooLarge, "form-too-large", "The form is too large", "The form of /admission/login has at most 16 KiB.");

    private static AccessProblem StaleForm { get; } = new(StatusCodes.Status400BadRequest, "form-expired", "The form is not ours", "The form was not made by this page, or is too old. Enter the key again.");

    [LoggerMessage(2217, LogLevel.Information, "'{Name}' has logged in as {Role} from {Address}.")]
    private static partial void LogLoggedIn(ILogger logger, string name, AccessRole role, string address);
}
