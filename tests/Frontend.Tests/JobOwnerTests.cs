using System.Security.Claims;
using Admission.Frontend.Deferring;
using Admission.Jobs;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests;

public class JobOwnerTests
{
    [Fact]
    public void A_job_of_an_authenticated_caller_is_for_that_caller_alone()
    {
        var owner = JobOwner.Of(By("test", new("sub", "42"), new(ClaimTypes.Name, "Ann")));
        owner.ShouldBe("42");
        MaySee(By("test", new Claim("sub", "42")), owner).ShouldBeTrue();
        MaySee(By("other", new Claim(ClaimTypes.NameIdentifier, "42")), owner).ShouldBeTrue();
        MaySee(By("test", new Claim("sub", "43"), new Claim(ClaimTypes.Name, "42")), owner).ShouldBeFalse();
        MaySee(By(null), owner).ShouldBeFalse();
    }

    [Fact]
    public void What_an_identity_says_that_nobody_has_authenticated_does_not_count()
    {
        JobOwner.Of(By(null, new Claim("sub", "42"))).ShouldBeNull();
        MaySee(By(null, new Claim("sub", "42")), "42").ShouldBeFalse();
    }

    [Fact]
    public void A_job_of_nobody_is_for_whoever_has_its_id()
    {
        JobOwner.Of(By(null)).ShouldBeNull();
        MaySee(By(null), null).ShouldBeTrue();
        MaySee(By("test", new Claim("sub", "42")), null).ShouldBeTrue();
    }

    [Fact]
    public void An_authenticated_caller_without_a_subject_has_a_name_or_at_least_is_not_anonymous()
    {
        JobOwner.Of(By("test", new Claim(ClaimTypes.Name, "Ann"))).ShouldBe("Ann");
        var nameless = JobOwner.Of(By("test"));
        nameless.ShouldBe("");
        MaySee(By(null), nameless).ShouldBeFalse();
    }

    [Fact]
    public void A_job_whose_tenant_a_claim_has_proved_is_for_every_caller_of_that_tenant()
    {
        var owner = JobOwner.Of(By("test", new Claim("sub", "42"), new Claim("org", "acme")), "org");
        MaySee(By("test", new Claim("sub", "43"), new Claim("org", "acme")), owner, "acme").ShouldBeTrue();
        MaySee(By("test", new Claim("sub", "42"), new Claim("org", "other")), owner, "acme").ShouldBeFalse();
        MaySee(By("test", new Claim("sub", "acme")), owner, "acme").ShouldBeFalse();
        MaySee(By(null, new Claim("org", "acme")), owner, "acme").ShouldBeFalse();
        MaySee(By("test", new Claim("org", "")), owner, "").ShouldBeFalse();
    }

    [Fact]
    public void No_name_that_a_caller_has_passes_for_a_tenant()
    {
        var owner = JobOwner.Of(By("test", new Claim("sub", "\torg")));
        MaySee(By("test", new Claim("sub", "43"), new Claim("org", "acme")), owner, "acme").ShouldBeFalse();
        MaySee(By("test", new Claim("sub", "\torg")), owner, "acme").ShouldBeTrue();
        MaySee(By("test", new Claim("sub", "\torg")), JobOwner.Of(By("test"), "org"), "acme").ShouldBeFalse();
    }

    private static bool MaySee(HttpContext context, string? owner, string tenant = "") => JobOwner.MaySee(context, new JobRecord { Owner = owner, Tenant = tenant });

    private static DefaultHttpContext By(string? authentication, params Claim[] claims) => new() { User = new ClaimsPrincipal(new ClaimsIdentity(claims, authentication)) };
}
