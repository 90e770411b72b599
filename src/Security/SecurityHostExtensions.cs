using Admission.Security.Callers;
using Admission.Security.Configuration;
using Admission.Security.Login;
using Admission.Security.Schemes;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Admission.Security;

/// <summary>What gateway and silo have beyond <see cref="AccessServices"/>: sessions in browsers, tokens, and ASP.NET's policies for components.</summary>
internal static class SecurityHostExtensions
{
    /// <summary>Adds it.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="section">The section <c>Admission:Security</c>; a change of its keys is applied live.</param>
    /// <param name="start">What it says now: schemes are made at start.</param>
    public static void AddSecurityHost(this IServiceCollection services, IConfigurationSection section, SecuritySettings start)
    {
        services.AddAccess(_ => section);
        services.AddHostedService<SecurityStart>();
        services.AddAuthorizationBuilder()
            .AddPolicy(AccessPolicies.Viewer, policy => policy.RequireRole(AccessPolicies.Viewer))
            .AddPolicy(AccessPolicies.Operator, policy => policy.RequireRole(AccessPolicies.Operator));
        var authentication = services.AddAuthentication(AdmissionSchemes.Caller).AddScheme<AuthenticationSchemeOptions, CallerHandler>(AdmissionSchemes.Caller, configureOptions: null);
        authentication.AddSession(start);
        if (start.Jwt is { } jwt)
        {
            authentication.AddJwtBearer(AdmissionSchemes.Token, options => Configure(options, jwt));
            services.AddSingleton(provider => new IssuerDocument(start, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<IssuerDocument>>()));
            services.AddHostedService(static provider => provider.GetRequiredService<IssuerDocument>());
            services.AddOptions<JwtBearerOptions>(AdmissionSchemes.Token).Configure<IssuerDocument>(static (options, issuer) => options.ConfigurationManager = issuer);
            services.AddOptions<AccessOptions>().Configure<IssuerDocument>(static (options, issuer) => options.Issuer = issuer);
            services.Configure<AccessOptions>(options =>
            {
                options.Schemes.Add(AdmissionSchemes.Token);
                (options.RoleClaim, options.ViewerRoles, options.OperatorRoles) = (jwt.RoleClaim, jwt.ViewerRoles, jwt.OperatorRoles);
            });
        }
    }

    /// <summary>Keeps ASP.NET from asking who the caller is with every request: the gate does, where anybody wants to know.</summary>
    public static void AuthenticateWhereAsked(this WebApplication app) =>

        // The mark of UseAuthentication, by which the host knows that it need not add its own. Where it is not understood, the host adds it, which costs time and changes nothing else.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;

    private static void Configure(JwtBearerOptions options, JwtSettings jwt)
    {
        options.Authority = jwt.Authority;
        options.Audience = jwt.Audience;

        // The reader lets http through on this machine only.
        options.RequireHttpsMetadata = jwt.Authority.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

        // Classify names claims as the token does.
        options.MapInboundClaims = false;
        options.TokenValidationParameters.NameClaimType = jwt.NameClaim;
        options.TokenValidationParameters.RoleClaimType = jwt.RoleClaim;
        options.TokenValidationParameters.ClockSkew = TimeSpan.FromMinutes(1);
    }
}
